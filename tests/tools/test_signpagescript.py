"""Modules are put together in order, apart from each other, and only in forms that are understood."""

import pytest

from tools.signpagescript import ScriptError, bundle

FIRST = 'import { one } from "./b.js";\nimport * as c from "../c.js";\nc.two(one);\n'
SECOND = "export const one = 1;\nfunction hidden() {}\n"
THIRD = 'import {\n  one,\n} from "./a/b.js";\nconst hidden = one;\nfunction two() {}\nexport { two };\n'


def test_a_module_stands_after_what_it_imports() -> None:
    script = bundle({"a/a.js": FIRST, "a/b.js": SECOND, "c.js": THIRD}, "a/a.js")
    assert [script.index(f"/* {name} */") for name in ("a/b.js", "c.js", "a/a.js")] == sorted(
        script.index(f"/* {name} */") for name in ("a/b.js", "c.js", "a/a.js")
    )
    assert script.startswith('"use strict";\n')
    assert (
        "const module_0 = (() => {\nconst one = 1;\nfunction hidden() {}\nreturn Object.freeze({ one });\n})();"
        in script
    )
    assert (
        "const {\n  one,\n} = module_0;\nconst hidden = one;\nfunction two() {}\nreturn Object.freeze({ two });"
        in script
    )
    assert "const { one } = module_0;\nconst c = module_1;\nc.two(one);\nreturn Object.freeze({  });" in script


def test_what_nobody_imports_is_left_out() -> None:
    assert "unused" not in bundle({"a.js": "1;\n", "unused.js": "2;\n"}, "a.js")


REFUSED = {
    "a circle": ({"a.js": 'import { b } from "./b.js";\n', "b.js": 'import { a } from "./a.js";\n'}, "in a circle"),
    "a module that is not there": (
        {"a.js": 'import { b } from "./b.js";\n'},
        "a.js imports b.js, which does not exist",
    ),
    "an import of another form": ({"a.js": "import b from 'b';\n"}, "not a form"),
    "an export of another form": ({"a.js": "export default 1;\n"}, "not a form"),
    "an end tag": ({"a.js": 'const text = "</SCRIPT>";\n'}, "end its element"),
    "a comment of HTML": ({"a.js": 'const text = "<!--";\n'}, "end its element"),
}


@pytest.mark.parametrize(("modules", "message"), REFUSED.values(), ids=REFUSED)
def test_whatever_is_not_understood_is_refused(modules: dict[str, str], message: str) -> None:
    with pytest.raises(ScriptError, match=message):
        bundle(modules, "a.js")


def test_words_in_a_comment_are_no_imports() -> None:
    bundle({"a.js": "/*\nimport b from 'b';\nexport default\n*/\nconst a = 1;\n"}, "a.js")
