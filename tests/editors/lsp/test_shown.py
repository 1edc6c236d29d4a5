"""What an editor shows unasked, through a client of the protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from client import COMMAND, Editor, fresh, served  # noqa: F401
from constructs import together
from lsprotocol import types
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client

import forbear
from forbear.editors.lsp.conversion import path_of_uri

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOUSE = """\
setting late is 20
rule a "名 😀": after late days then allow sms
example "x": given days_overdue 21 expect sms allowed
"""


def open_house(client: LanguageClient, folder: Path, text: str = HOUSE) -> Editor:
    path = folder / "house.forbear"
    path.write_bytes(text.encode())
    return Editor(client, path, text)


async def run(client: LanguageClient, command: str, *given: Any) -> str:
    """The text that a command gives."""
    found: Any = await client.workspace_execute_command_async(types.ExecuteCommandParams(command, list(given)))
    return str(found["text"])


def words(editor: Editor, client: LanguageClient, tokens: types.SemanticTokens | None) -> list[tuple[str, str]]:
    """The coloured words, as an editor that counts in units of UTF-16 takes them."""
    assert tokens is not None
    kinds = [
        "keyword", "comment", "string", "number", "operator", "function", "method", "enum", "property", "enumMember",
        "parameter", "variable", "event", "namespace",
    ]  # fmt: skip
    lines = [line.encode("utf-16-le") for line in editor.text.split("\n")]
    found, line, column = [], 0, 0
    for at in range(0, len(tokens.data), 5):
        down, right, length, kind, _ = tokens.data[at : at + 5]
        line, column = line + down, right + (0 if down else column)
        found.append((lines[line][2 * column : 2 * (column + length)].decode("utf-16-le"), kinds[kind]))
    return found


async def test_words_are_coloured_by_what_they_are(client: LanguageClient, tmp_path: Path) -> None:
    editor = open_house(client, tmp_path)
    whole = await client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(editor.which))
    found = words(editor, client, whole)
    assert found[:4] == [("setting", "keyword"), ("late", "parameter"), ("is", "keyword"), ("20", "number")]
    assert found[4:9] == [
        ("rule", "keyword"), ("a", "function"), ('"名 😀"', "string"), ("after", "keyword"), ("late", "parameter"),
    ]  # fmt: skip
    part = types.SemanticTokensRangeParams(editor.which, editor.range("late days"))
    some = await client.text_document_semantic_tokens_range_async(part)
    assert words(editor, client, some) == [("late", "parameter"), ("days", "keyword")]


async def test_inlays_lenses_and_what_they_run(client: LanguageClient, tmp_path: Path) -> None:
    editor = open_house(client, tmp_path)
    everything = types.Range(types.Position(0, 0), types.Position(9, 0))
    hints = await client.text_document_inlay_hint_async(types.InlayHintParams(editor.which, everything))
    assert hints is not None
    assert [(one.position, one.label) for one in hints] == [
        (editor.at("late days", 4), "= 20"),
        (editor.at("late days", 9), "from day 21"),
    ]
    lenses = await client.text_document_code_lens_async(types.CodeLensParams(editor.which))
    assert lenses is not None
    commands = [one.command for one in lenses if one.command is not None]
    assert [one.title for one in commands] == ["decides in 1 of 1 example", "holds: run again", "explain"]
    said = []
    for command in commands:
        said.append(await run(client, command.command, *command.arguments or ()))
    assert said[:2] == ["`a` decides in:\n- x", "“x” holds"]
    assert said[2].startswith("sms is allowed by a\n")
    assert [one.message for one in client.messages] == said
    assert (await run(client, "forbear.explainCode", "hole")).startswith("# ")


async def test_a_code_leads_to_its_page_in_any_editor(client: LanguageClient, tmp_path: Path) -> None:
    editor = open_house(client, tmp_path)
    await editor.until(lambda: "unguarded" in editor.codes)
    (found,) = [one for one in editor.diagnostics if one.code == "unguarded"]
    assert found.code_description is not None
    page = path_of_uri(found.code_description.href)
    assert page is not None
    assert page.read_text(encoding="utf-8").startswith("# ")
    context = types.CodeActionContext([])
    actions = await client.text_document_code_action_async(types.CodeActionParams(editor.which, found.range, context))
    assert actions is not None
    (action,) = [one for one in actions if one.title == "What `unguarded` means"]
    assert isinstance(action, types.Command)
    said = await run(client, action.command, *action.arguments or ())
    assert said.startswith("# ")
    assert [one.uri for one in client.shown_documents] == [found.code_description.href]
    assert not client.messages
    only = types.CodeActionContext([], only=[types.CodeActionKind.QuickFix])
    quick = await client.text_document_code_action_async(types.CodeActionParams(editor.which, found.range, only))
    assert "What `unguarded` means" not in [one.title for one in quick or ()]


async def test_lenses_stay_while_the_text_is_broken(client: LanguageClient, tmp_path: Path) -> None:
    editor = open_house(client, tmp_path)
    await editor.until(lambda: "unguarded" in editor.codes)
    editor.replace("example", "rule\nexample")
    lenses = await client.text_document_code_lens_async(types.CodeLensParams(editor.which))
    assert lenses is not None
    assert [one.range.start.line for one in lenses] == [1, 3, 3]


async def test_when_a_rule_decides(client: LanguageClient, tmp_path: Path) -> None:
    editor = open_house(client, tmp_path)
    hover = await client.text_document_hover_async(types.HoverParams(editor.which, editor.at('a "')))
    assert hover is not None
    assert isinstance(hover.contents, types.MarkupContent)
    assert hover.contents.value == "`rule a`\n\n名 😀\n\ndecides SMS: day 21 and later"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_places_are_in_the_units_that_were_agreed(tmp_path: Path, encoding: str) -> None:
    """With wide characters, emoji, and line ends of CRLF; a folder is opened, and what it may not be asked is told."""
    text = '# 名\r\nrule a "é名😀": after 9 days then allow smss\r\nrule b: after 9 days then allow sms\r\n'
    (tmp_path / "other.forbear").write_text('# 😀\nrule ask_them "名": after 9 days then allow sms\n')
    client = make_test_lsp_client()
    await client.start_io(*COMMAND)
    capabilities = client_capabilities("visual-studio-code")
    capabilities.general = types.GeneralClientCapabilities(position_encodings=[types.PositionEncodingKind(encoding)])
    folder = types.WorkspaceFolder(tmp_path.as_uri(), "rules")
    asked = types.InitializeParams(
        capabilities=capabilities, workspace_folders=[folder], initialization_options={"showsTexts": True}
    )
    try:
        got = await client.initialize_session(asked)
        assert got.capabilities.position_encoding == encoding
        path = tmp_path / "house.forbear"
        path.write_bytes(text.encode())
        editor = Editor(client, path, text)
        await editor.until(lambda: "unknown-action" in editor.codes)
        units: dict[str, Any] = {"utf-8": (len, "utf-8"), "utf-16": (lambda b: len(b) // 2, "utf-16-le")}
        count, name = units.get(encoding, (lambda b: len(b) // 4, "utf-32-le"))
        column = count('rule a "é名😀": after 9 days then allow '.encode(name))
        found = next(one for one in editor.diagnostics if one.code == "unknown-action")
        assert found.range == types.Range(types.Position(1, column), types.Position(1, column + 4))
        context = types.CodeActionContext([], only=[types.CodeActionKind.QuickFix])
        actions = await client.text_document_code_action_async(
            types.CodeActionParams(editor.which, types.Range(found.range.start, found.range.start), context)
        )
        assert actions
        change = types.TextDocumentContentChangePartial(found.range, "sms")
        which = types.VersionedTextDocumentIdentifier(uri=editor.uri, version=2)
        client.text_document_did_change(types.DidChangeTextDocumentParams(which, [change]))
        await editor.until(lambda: "unknown-action" not in editor.codes)
        (tmp_path / "secret").write_text("fact askthis count\n", "utf-8")
        (tmp_path / "leak.forbear").symlink_to("secret")
        symbols = await client.workspace_symbol_async(types.WorkspaceSymbolParams("askt"))
        assert symbols is not None
        assert [one.name for one in symbols] == ["ask_them"]
        assert isinstance(symbols[0].location, types.Location)
        assert symbols[0].location.range.start == types.Position(1, 5)
        assert (await run(client, "forbear.explainCode", "hole")).startswith("# ")
        assert not client.messages
    finally:
        await client.shutdown_session()
        await client.stop()  # type: ignore[no-untyped-call]


HOLD = """\
rule call_in_person:
  after 13 days then allow phone_call

rule hardship_hold:
  forbid phone_call when hardship is plan_active
"""
FIXES = {
    "did you mean": ("rule a: after 9 days then allow smss\n", "unknown-action", "write `sms`"),
    "hint": ("rule a: after 9 days then alow sms\n", "syntax", "write `allow`"),
    "override": (HOLD, "contradiction", "`hardship_hold` overrides `call_in_person`"),
    "accept": (HOLD, "contradiction", "accept `contradiction` here, with a reason"),
    "narrow": (HOLD, "contradiction", "narrow `call_in_person`: not where `hardship_hold` holds"),
    "none": (
        "rule a: never sms when days_since_conversation <= 6\n",
        "none-escapes",
        "`a` does not forbid where `days_since_conversation` is none",
    ),
    "name": ("rule a: never sms\nnever visit\n", "unnamed-rule", "call it `never_visit`"),
    "uses": ("rule a: after 9 days then allow call_home\n", "unknown-action", 'add `uses "words"`'),
    "digest": (f'uses "words" pinned "sha256:{"0" * 64}"\nrule a: never call_home\n', "wrong-digest", "write `"),
    "stale": ('rule a: never sms\naccept hole of sms because "x"\n', "stale-accept", "take the accept out"),
}


async def test_each_fix_mends_what_it_is_for(client: LanguageClient, tmp_path: Path) -> None:
    (tmp_path / "words.forbear").write_text("fact days_overdue days clock\naction call_home\n")
    for name, (text, code, title) in FIXES.items():
        path = tmp_path / f"{name.replace(' ', '_')}.forbear"
        path.write_text(text)
        editor = Editor(client, path, text)
        await editor.until(lambda editor=editor, code=code: code in editor.codes)  # type: ignore[misc]
        found = next(one for one in editor.diagnostics if one.code == code)
        context = types.CodeActionContext(editor.diagnostics, only=[types.CodeActionKind.QuickFix])
        actions = await client.text_document_code_action_async(
            types.CodeActionParams(editor.which, types.Range(found.range.start, found.range.start), context)
        )
        action = next(one for one in actions or () if one.title.startswith(title))
        assert isinstance(action, types.CodeAction)
        assert action.edit is not None
        assert action.edit.changes is not None
        mended = editor.with_edits(list(action.edit.changes[editor.uri]))
        assert mended != text
        editor.replace(editor.text, mended)
        await editor.until(
            lambda editor=editor, code=code: not [  # type: ignore[misc]
                one for one in editor.diagnostics
                if one.code == code and one.severity is not types.DiagnosticSeverity.Hint
            ]
        )  # fmt: skip
        assert "syntax" not in editor.codes, mended
        client.text_document_did_close(types.DidCloseTextDocumentParams(editor.which))


async def test_a_case_is_written_as_an_example(client: LanguageClient, tmp_path: Path) -> None:
    editor = open_house(client, tmp_path, HOLD)
    await editor.until(lambda: "contradiction" in editor.codes)
    actions = await editor.actions("forbid", "quickfix")
    action = next(one for one in actions if one.title == "write its case as an example")
    assert action.edit is not None
    assert action.edit.changes is not None
    [edit] = action.edit.changes[editor.uri]
    assert "given days_overdue 14, hardship plan_active" in edit.new_text
    assert [one.title for one in actions if one.is_preferred] == []


async def test_the_preview_follows_the_cursor(client: LanguageClient, tmp_path: Path) -> None:
    editor = open_house(client, tmp_path, HOLD + '\nexample "x": given days_overdue 40 expect phone_call allowed\n')

    async def preview(words: str, known: str | None = None) -> dict[str, Any] | None:
        at = editor.at(words)
        place = {"line": at.line, "character": at.character}
        asked = {"textDocument": {"uri": editor.uri}, "position": place, "known": known}
        found: Any = await client.protocol.send_request_async("forbear/preview", asked)  # type: ignore[no-untyped-call]
        return None if found is None else {name: getattr(found, name) for name in ("state", "html", "part")}

    assert await preview("call_in_person") is None
    await editor.until(lambda: "contradiction" in editor.codes)
    first = await preview("call_in_person")
    assert first is not None
    assert "<title>" in first["html"]
    assert first["part"] == "#rule-call_in_person"
    case = await preview('"x"', first["state"])
    assert case is not None
    assert case["html"] is None
    assert case["part"].startswith("#case?days_overdue=40&")
    shown = await preview("phone_call when", first["state"])
    assert shown is not None
    assert shown["part"].startswith("#case?days_overdue=14&hardship=plan_active")
    editor.replace("rule call", "rule\nrule call")  # while the text is broken, the page of the last whole text stays
    broken = await preview("hardship_hold", first["state"])
    assert broken == first | {"html": None, "part": "#rule-hardship_hold"}


async def test_each_construct_is_read_and_shown(client: LanguageClient, tmp_path: Path) -> None:
    text, _, _ = together()
    editor = open_house(client, tmp_path, text)
    await editor.until(lambda: bool(editor.codes))
    assert editor.codes == ["unguarded"]
    options = types.FormattingOptions(2, insert_spaces=True)
    edits = await client.text_document_formatting_async(types.DocumentFormattingParams(editor.which, options))
    assert editor.with_edits(list(edits or ())) == forbear.format(text)
    coloured = await client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(editor.which))
    for fact in forbear.loads(text).typed.facts:
        assert (fact, "property") in words(editor, client, coloured)
        hover = await client.text_document_hover_async(types.HoverParams(editor.which, editor.at(fact)))
        assert hover is not None
        assert isinstance(hover.contents, types.MarkupContent)
        assert hover.contents.value.startswith(f"`fact {fact} ")
