"""Every address of the hub, in one table; a test holds it against ``schemas/openapi.yaml``."""

from aiohttp import web

from hub.web import (
    awards,
    description,
    directory,
    health,
    held,
    indicators,
    logfiles,
    packages,
    pages,
    rendering,
    snapshots,
    statements,
    transfers,
    uploads,
)

__all__ = ["ROUTES"]

_TILE = r"{n:(?:x[0-9]{3}/)*[0-9]{3}(?:\.p/[0-9]{1,3})?}"

ROUTES = (
    web.post("/v1/statements", statements.post_statement),
    web.get("/v1/statements/{digest}", statements.get_statement),
    web.get("/v1/statements/{digest}/receipt", statements.get_receipt),
    web.get("/v1/statements/{digest}/annex", statements.get_annex),
    web.get("/v1/policy", directory.get_policy),
    web.get("/v1/members", directory.list_members),
    web.get("/v1/members/{id}", directory.get_member),
    web.get("/v1/keys/{kid}", directory.get_key),
    web.get("/v1/neutrals", directory.list_neutrals),
    web.get("/v1/neutrals/{id}", directory.get_neutral),
    web.get("/v1/neutrals/{id}/held", held.get_held),
    web.get("/v1/directory/snapshot", snapshots.get_snapshot),
    web.get("/v1/directory/entries/{digest}", snapshots.get_directory_entries),
    web.get("/v1/directory/delta", snapshots.get_delta),
    web.get("/v1/awards", awards.find_awards),
    web.get("/v1/awards/{digest}", awards.get_award),
    web.post("/v1/uploads", uploads.create_upload),
    web.head("/v1/uploads/{id}", uploads.ask_upload),
    web.patch("/v1/uploads/{id}", uploads.continue_upload),
    web.delete("/v1/uploads/{id}", uploads.end_upload),
    web.get("/v1/packages/{sha256}", packages.get_package),
    web.get("/v1/packages/{sha256}/deletion", packages.get_deletion),
    web.get("/v1/inbox", transfers.read_inbox),
    web.get("/v1/transfers/{id}", transfers.get_transfer),
    web.get("/v1/indicators", indicators.get_indicators),
    web.get("/v1/schemas", description.list_schemas),
    web.get("/v1/schemas/{kind}/{version}", description.get_schema),
    web.get("/openapi.json", description.get_description),
    web.get("/docs", description.docs_page),
    web.get("/docs/problems", description.problems_page),
    web.get("/log/checkpoint", logfiles.get_checkpoint),
    web.get("/log/tile/entries/" + _TILE, logfiles.get_entries),
    web.get("/log/tile/{level}/" + _TILE, logfiles.get_tile),
    web.get("/healthz", health.healthz),
    web.get("/readyz", health.readyz),
    web.get("/metrics", health.metrics),
    web.get("/", pages.home_page),
    web.get("/directory", pages.directory_page),
    web.get("/oversight", indicators.oversight_page),
    web.get("/static/{file}", rendering.static_file),
)
