"""What statements may say: schemas with examples, their catalogue and validation, and the HTTP description.

::

    <kind>/v1.schema.json          the whole payload of one kind (JSON Schema 2020-12)
    <kind>/examples/               valid-*.json; invalid-*.json name the pointer that must be blamed
    annex-<kind>/v1.schema.json    the annex that a statement of the kind may commit to
    case-file, transfer-brief      documents that travel inside ciphertext only
    common/v1.schema.json          definitions that the others refer to
    code_lists/<name>.json, codes  what each code means; code_sources makes those of standards
    catalogue                      (kind, version) -> Schema; which kinds are public, sealed, chained
    validation                     validate, validate_annex, validate_document: all violations, each with a pointer
    explanation                    turns a violated rule into a sentence
    lint                           what every schema file must hold, above all a class for each field
    lock                           hashes of the released schema files
    openapi                        openapi.yaml with the same schemas bundled
    document                       renders docs/reference/schemas.md and http-api.md

Nothing here is fetched from a network and nothing imports another package of ours. This file imports
nothing.
"""
