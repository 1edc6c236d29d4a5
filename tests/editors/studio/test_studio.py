"""The studio as an author has it, opened in a real browser: by day the page of `forbear studio`, and at night the one
that is built for any web server, which needs npm."""

from __future__ import annotations

import runpy
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import chromium
from browsing import ROOT, Studio, built, opened, plain_server, running
from invoking import write
from night import NIGHTLY
from playwright.sync_api import Browser

CLASH = """\
policy hold "A hold that does not win"
rule call_in_person: after 13 days then allow phone_call
rule hardship_hold: forbid phone_call when hardship is plan_active
"""
NOTING = """
const workers = navigator.serviceWorker;
const register = workers?.register;
if (workers && window === top) workers.register = (...given) => {
    window.answered = "settled" in document.body.dataset;
    return register.apply(workers, given);
};
"""
"""Notes whether the page had answered when it began to keep itself for later."""
BETWEEN = """\
setting grace is 13
rule a: after grace days then allow phone_call
example "day 14": given days_overdue 14 expect phone_call allowed
"""
WINS = CLASH.replace("plan_active", "plan_active overrides all")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page as it is built, at night; by day that of `forbear studio`, which has the same script."""
    if NIGHTLY:
        with plain_server(built()) as served:
            yield served
    else:
        with running("studio", str(write(tmp_path_factory.mktemp("studio"), CLASH)), "--no-browser") as line:
            yield line.split()[1]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def kept(browser: Browser, address: str) -> Iterator[Studio]:
    context = browser.new_context(viewport={"width": 1400, "height": 900}, accept_downloads=True)
    context.add_init_script("delete window.showSaveFilePicker; delete window.showOpenFilePicker;")
    context.add_init_script(NOTING)
    yield opened(context, address)
    context.close()


@pytest.fixture
def studio(kept: Studio) -> Studio:
    """The same page for all tests, since it takes seconds to start: each writes a text of its own."""
    kept.select("findings")
    kept.said.clear()
    return kept


def test_the_scripts_have_types(address: str) -> None:
    checked = subprocess.run(["node_modules/.bin/tsc", "-p", "."], cwd=ROOT / "studio", capture_output=True, text=True)
    assert (checked.stdout, checked.returncode) == ("", 0)


def test_a_finding_appears_with_its_case_and_goes(studio: Studio) -> None:
    studio.write(CLASH)
    assert "contradiction" in studio.codes()
    assert "1 error" in studio.page.locator("#said").inner_text()
    assert studio.page.locator(".cm-lintRange-error").count() > 0, "it is underlined in the text"
    shown = studio.page.locator('.finding[data-code="contradiction"]').inner_text()
    assert "days_overdue 14, hardship plan_active" in shown
    studio.write(WINS)
    assert "contradiction" not in studio.codes()
    assert studio.said == []


def test_the_case_of_a_finding_is_tried_and_a_slider_moved(studio: Studio) -> None:
    studio.write(CLASH)
    studio.page.locator('.finding[data-code="contradiction"]').get_by_role("button", name="Try this case").click()
    case = studio.frame("case")
    assert case.locator("#fact-hardship").input_value() == "plan_active"
    verdict = case.locator('#verdicts tr[data-action="phone_call"] td').first
    assert verdict.inner_text() == "forbidden"
    case.locator("#fact-hardship").select_option("no_hardship")
    assert verdict.inner_text() == "allowed"
    slider = case.get_by_role("slider", name="Days overdue, slider")
    slider.fill("13")
    assert verdict.inner_text() == "no rule"
    studio.write(CLASH.replace("13 days", "12 days"))
    case = studio.frame("case")
    assert case.locator("#fact-days_overdue").input_value() == "13", "an edit leaves the case"
    assert case.locator('#verdicts tr[data-action="phone_call"] td').first.inner_text() == "allowed"


def test_what_the_edit_changes_against_the_saved_text(studio: Studio) -> None:
    studio.write(WINS)
    with studio.page.expect_download() as download:
        studio.page.locator("#save").click()
    assert download.value.path().read_text("utf-8") == WINS
    studio.select("change")
    studio.page.get_by_text("The text is as it was saved").wait_for()
    studio.write(WINS.replace("13 days", "10 days"))
    shown = studio.frame("change").locator("#changes").locator("..").inner_text()
    assert "call_in_person" in shown
    assert "newly permitted" in shown.lower()
    assert studio.page.locator("#unsaved").is_visible()


def test_a_rule_of_the_ladder_leads_to_its_text(studio: Studio) -> None:
    studio.write(WINS)
    studio.select("overview")
    studio.frame("overview").locator('#chart a.n[href="#rule-call_in_person"]').first.click()
    assert studio.page.evaluate("getSelection().toString()") == WINS.splitlines()[1]


def test_while_the_text_is_broken_the_last_answers_stay_and_say_so(studio: Studio) -> None:
    studio.write(CLASH)
    studio.write(CLASH + "rule third: after 3 days than allow sms\n")
    assert "contradiction" in studio.codes()
    assert "of the text before its errors" in studio.page.locator('.finding[data-code="contradiction"]').inner_text()
    studio.select("overview")
    assert studio.page.locator("#stale").is_visible()


def test_an_empty_text_invites_and_has_no_error(studio: Studio) -> None:
    studio.write("")
    assert studio.codes() == []
    assert studio.page.locator("#said").inner_text() == "Nothing is written yet"
    assert studio.page.locator(".cm-lint-marker").count() == 0
    studio.page.get_by_role("button", name="One rule").click()
    studio.page.locator(".cm-line", has_text="rule call_in_person").wait_for()
    studio.settled()
    assert "1 error" not in studio.page.locator("#said").inner_text()
    studio.write("rule")
    assert "syntax" in studio.codes(), "from the first key on it has"


def test_the_careful_way_out_is_the_filled_button(studio: Studio) -> None:
    studio.write(CLASH)
    first = studio.page.locator('.finding[data-code="contradiction"] .fix.first')
    first.wait_for()
    assert first.all_inner_texts() == ["hardship_hold overrides all"]
    first.click()
    studio.settled()
    assert "contradiction" not in studio.codes()


def test_keys_lead_from_part_to_part(studio: Studio) -> None:
    studio.write(WINS)
    studio.select("overview")
    studio.frame("overview")
    studio.page.locator("#save").focus()
    reached = []
    for key in ("F6", "F6", "F6", "F6", "Shift+F6"):
        studio.page.keyboard.press(key)
        reached.append(studio.page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert reached[0].startswith("cm-content")
    assert reached[1:] == ["tab-overview", "", "save", ""], "the frame has no name"
    studio.page.keyboard.press("?")
    assert "Shift+F6" in studio.page.locator("#box").inner_text()
    assert studio.faults_of_access() == ""
    studio.page.keyboard.press("Escape")
    studio.write("rule a:\n  after 3 days then allow sms\n")
    place = studio.page.locator(".tabs").bounding_box()
    studio.page.keyboard.press("Shift+Alt+f")
    studio.page.locator("#notice > *").first.wait_for()
    assert studio.page.locator(".tabs").bounding_box() == place, "what is said moves nothing"


def test_a_fix_is_written(studio: Studio) -> None:
    studio.write(WINS.replace("phone_call when", "phone_cal when"))
    assert "unknown-action" in studio.codes()
    studio.page.locator(".fix").first.click()
    studio.settled()
    assert "unknown-action" not in studio.codes()
    assert "phone_call when" in studio.text


def test_lenses_values_and_references_stand_beside_the_text(studio: Studio) -> None:
    studio.write(BETWEEN)
    assert studio.page.locator(".inlay").all_inner_texts() == ["= 13", "from day 14"]
    assert studio.page.locator(".lenses").all_inner_texts() == [
        "decides in 1 of 1 example",
        "holds: run again\nexplain",
    ]
    assert studio.text == BETWEEN, "they are no part of it"
    box = studio.page.locator("#box")
    studio.page.locator(".lenses").get_by_role("button", name="explain").click()
    box.wait_for()
    assert "phone_call is allowed" in box.inner_text()
    assert studio.faults_of_access() == ""
    box.get_by_role("button", name="Close").click()
    studio.page.locator(".cm-content").focus()
    studio.page.keyboard.press("Control+Home")
    for _ in range(10):
        studio.page.keyboard.press("ArrowRight")
    studio.page.keyboard.press("Shift+F12")
    box.wait_for()
    assert "rule a: after grace days" in box.inner_text()
    box.get_by_role("button", name="line 2").click()
    assert studio.page.evaluate("getSelection().toString()") == "grace"
    assert studio.said == []


def test_completion_knows_what_fits(studio: Studio) -> None:
    studio.write(CLASH + "rule more: forbid phone_call when hardship is ")
    studio.page.keyboard.press("Control+Space")
    offered = studio.page.locator(".cm-tooltip-autocomplete li")
    offered.first.wait_for()
    assert "plan_broken" in " ".join(offered.all_inner_texts())
    studio.page.keyboard.press("Escape")


def test_typing_key_by_key_gives_what_was_typed(studio: Studio) -> None:
    studio.write("")
    typed = ('policy ours "How far"', "currency CNY", "", "rule a:", "from day 3 then allow sms", "", "table early")
    for line in typed:
        studio.page.keyboard.type(line, delay=10)
        studio.page.wait_for_timeout(200)
        studio.page.keyboard.press("Enter")
    studio.settled()
    shown = [line.rstrip("\n") for line in studio.page.locator(".cm-line").all_inner_texts()]
    assert shown == [
        'policy ours "How far"',
        "  currency CNY",
        "",
        "rule a:",
        "  from day 3 then allow sms",
        "",
        "table early",
        "  ",
    ]


def test_format_lays_the_text_out(studio: Studio) -> None:
    studio.write("rule   a:  after 13 days   then allow phone_call")
    studio.page.locator("#layout").click()
    studio.page.locator(".cm-line").nth(1).wait_for()
    assert studio.text.startswith("rule a:\n  after 13 days then allow phone_call")


def test_files_are_opened_with_those_beside_them(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "words.forbear").write_text('uses collections\naction chat "A chat"\n', "utf-8")
    (tmp_path / "ours.forbear").write_bytes(
        b'policy ours "Ours"\r\nuses "words"\r\nrule a: after 3 days then allow chat\r\n'
    )
    studio.page.once("dialog", lambda dialog: dialog.accept())
    with studio.page.expect_file_chooser() as chooser:
        studio.page.locator("#open").click()
    chooser.value.set_files([tmp_path / "ours.forbear", tmp_path / "words.forbear"])
    studio.page.locator(".cm-line", has_text="policy ours").wait_for()
    studio.settled()
    assert studio.page.locator("#name").input_value() == "ours.forbear"
    assert not {"missing-file", "unknown-action"} & set(studio.codes())
    with studio.page.expect_download() as download:
        studio.page.locator("#save").click()
    assert download.value.path().read_bytes() == (tmp_path / "ours.forbear").read_bytes(), "its line ends are kept"


def test_what_is_no_policy_is_a_message_and_the_text_stays(studio: Studio, tmp_path: Path) -> None:
    studio.write(WINS)
    huge, binary, words = tmp_path / "huge.forbear", tmp_path / "binary.forbear", tmp_path / "words.forbear"
    with huge.open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    binary.write_bytes(b"\x7fELF\xff\xfe")
    words.write_text("rule a " * 500_001, "utf-8")
    for path, said in ((huge, "larger than 16 MB"), (binary, "is no text in UTF-8")):
        studio.page.locator("#files").set_input_files(path)
        studio.page.get_by_text(said).wait_for()
        assert studio.text.startswith("policy hold"), "the text is still there"
    studio.page.locator("#files").set_input_files(words)
    studio.page.locator('.finding[data-code="too-large"]').wait_for()
    studio.settled()
    studio.write(CLASH)
    assert "contradiction" in studio.codes(), "and it goes on"


HOSTILE = """\
policy hostile "</script><script>globalThis.hit = 1</script><img src=x onerror='globalThis.hit = 1'>"
fact days_late days clock "<img src=x onerror='parent.hit = 1'> \u202eturned"
action chat "<iframe srcdoc='<script>parent.parent.hit = 1</script>'></iframe>"
action call "javascript:globalThis.hit = 1"
rule a "<style>*{display:none}</style>": after 3 days then allow chat because "<b onclick=alert(1)>"
rule b: forbid chat when within 9 days
accept contradiction of a, b because "<img src=x onerror='globalThis.hit = 1'>"
rule b: forbid <script>globalThis.hit=1</script>
"""


def test_hostile_text_does_nothing(studio: Studio, address: str) -> None:
    fetched = len(studio.fetched)
    for text in (HOSTILE, HOSTILE.rsplit("rule b", 1)[0]):
        studio.write(text)
        for tab in ("findings", "overview", "case", "change"):
            studio.select(tab)
            studio.page.locator(f"#panel-{tab} > *").first.wait_for(state="attached")
            studio.page.wait_for_timeout(100)
    assert studio.page.evaluate("globalThis.hit") is None
    assert studio.page.locator("#panel-findings img, #panel-findings script").count() == 0
    own = "blob:" if NIGHTLY else ("blob:", address.partition("#")[0] + "api/")
    assert [one for one in studio.fetched[fetched:] if not one.startswith(own)] == []
    assert "\u202e" not in studio.page.locator("#panel-findings").inner_text()
    assert studio.said == []
    studio.page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'globalThis.hit = 1'}))"
    )
    assert studio.page.evaluate("globalThis.hit") is None, "and a script that got in would not run"


def test_it_can_be_used_by_everyone(studio: Studio) -> None:
    studio.write(CLASH)
    assert studio.faults_of_access() == ""
    for tab in ("overview", "case"):
        studio.select(tab)
        assert studio.faults_of_access() + studio.faults_of_access(studio.frame(tab)) == ""
    studio.write(WINS)
    studio.page.locator("#save").click()
    studio.page.locator("#unsaved").wait_for(state="hidden")
    studio.write(WINS.replace("13 days", "10 days"))
    studio.page.locator("#tab-case").focus()
    studio.page.keyboard.press("ArrowRight")
    assert studio.page.locator("#tab-change").get_attribute("aria-selected") == "true"
    studio.frame("change").get_by_text("newly permitted").first.wait_for()
    assert studio.faults_of_access() + studio.faults_of_access(studio.frame("change")) == ""
    studio.page.keyboard.press("Tab")
    studio.page.keyboard.press("Tab")
    assert studio.frame("change").evaluate("document.activeElement.href || document.activeElement.tagName") != "BODY"
    studio.page.locator("#tab-case").focus()
    studio.page.keyboard.press("Home")
    assert studio.page.locator("#tab-findings").get_attribute("aria-selected") == "true"


def test_a_policy_in_the_address_and_no_network(browser: Browser, address: str, kept: Studio) -> None:
    kept.write(CLASH)
    kept.page.locator("#share").click()
    link = kept.page.locator("#notice input").input_value()
    assert link.startswith(f"{address}#name=")
    kept.page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    assert kept.page.evaluate("window.answered"), "an author does not wait while all of the page is fetched"
    context = kept.page.context
    context.set_offline(True)
    try:
        other = opened(context, link)
        assert "contradiction" in other.codes()
        assert "call_in_person" in other.text
        other.page.close()
    finally:
        context.set_offline(False)


def test_an_address_has_the_files_beside_the_policy(kept: Studio, address: str, tmp_path: Path) -> None:
    (tmp_path / "words.forbear").write_text("vocabulary words\nfact late days clock\naction ring\n")
    (tmp_path / "ring.forbear").write_text('policy ring\nuses "words"\nrule a: after 9 days then allow ring\n')
    kept.page.once("dialog", lambda dialog: dialog.accept())
    kept.page.locator("#files").set_input_files([tmp_path / "ring.forbear", tmp_path / "words.forbear"])
    kept.settled()
    assert kept.page.locator("#name").input_value() == "ring.forbear"
    kept.page.locator("#share").click()
    other = opened(kept.page.context, kept.page.locator('#notice input[value*="name=ring"]').input_value())
    assert "error" not in other.page.locator("#said").inner_text()
    other.page.locator(".cm-content").focus()
    assert 'uses "words"' in other.text
    other.page.close()


def test_the_script_that_the_command_serves_is_that_of_its_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is committed, with their digest at its beginning. `python3 tools/studio.py --script` builds it again."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    script = (ROOT / "src/forbear/editors/studio/page/studio.js").read_text("utf-8")
    assert script.startswith(runpy.run_path(str(ROOT / "tools" / "studio.py"))["banner"]())
    if NIGHTLY:
        assert script == (built() / "studio.js").read_text("utf-8")


def test_the_command_answers_and_saves_to_its_file(browser: Browser, tmp_path: Path) -> None:
    file = write(tmp_path, CLASH)
    with running("studio", str(file), "--no-browser") as line:
        context = browser.new_context()
        studio = opened(context, line.split()[1])
        assert studio.page.evaluate("location.hash") == "", "the token does not stay in the address"
        assert "contradiction" in studio.codes()
        is_built = (ROOT / "studio" / "dist" / "docs" / "index.html").is_file()
        assert studio.page.locator("a[target=guide]:visible").count() == (3 if is_built else 0), "no link leads nowhere"
        assert not [one for one in studio.fetched if "pyodide" in one or "worker" in one], "this Python answers"
        studio.write(WINS)
        assert "contradiction" not in studio.codes()
        studio.select("overview")
        assert "Forbids phone call" in studio.frame("overview").locator("body").inner_text()
        assert studio.faults_of_access() == ""
        assert studio.said == []
        studio.write(WINS + "# more\n")
        studio.page.keyboard.press("Control+s")
        studio.page.get_by_text("Saved to house.forbear").wait_for()
        assert file.read_text("utf-8") == WINS + "# more\n"
        file.write_text("# theirs\n", "utf-8")
        studio.write(WINS)
        studio.page.locator("#save").click()
        studio.page.get_by_text("Not saved: the file was changed on the disk").wait_for()
        assert file.read_text("utf-8") == "# theirs\n"
    studio.page.locator("#save").click()
    studio.page.get_by_text("does not run any more").wait_for()
    assert studio.text.startswith("policy hold"), "and the text is still there"
    context.close()


def test_sheets_cases_and_other_files_of_the_folder(browser: Browser, tmp_path: Path) -> None:
    file = write(tmp_path, "")
    (tmp_path / "words.forbear").write_text("vocabulary words\nfact late days clock\naction ring\n", "utf-8")
    (tmp_path / "sheet.csv").write_text("late,ring\nover 9,allow\n", "utf-8")
    (tmp_path / "cases.csv").write_text("late\n10\n9\nx\n", "utf-8")
    with running("studio", str(file), "--no-browser") as line:
        context = browser.new_context()
        studio = opened(context, line.split()[1])
        studio.write('uses "words"\nrule a: never ring when within 3 days\n')
        studio.page.locator("#files").set_input_files(tmp_path / "sheet.csv")
        gap = "[...box.querySelectorAll('button')].map((one) => one.getBoundingClientRect())"
        assert studio.page.evaluate(f"{gap}.at(-1).top - {gap}.at(0).bottom") > 6, "no ring covers a button"
        assert studio.faults_of_access() == ""
        studio.page.get_by_role("button", name="Rules").click()
        studio.page.locator(".cm-line", has_text="table sheet").wait_for()
        studio.settled()
        studio.page.locator("#files").set_input_files(tmp_path / "cases.csv")
        studio.page.get_by_role("button", name="Cases").click()
        studio.page.locator("#box table").wait_for()
        assert studio.page.locator("#box tbody").inner_text().split() == ["ring", "1", "0", "0", "1", "1"]
        assert "3 rows, 1 undecided" in studio.page.locator("#box").inner_text()
        assert studio.faults_of_access() == ""
        studio.page.keyboard.press("Escape")
        studio.page.keyboard.press("Control+s")
        studio.page.get_by_text("Saved to house.forbear").wait_for()
        studio.page.locator("#beside").select_option("words.forbear")
        studio.page.locator(".cm-line", has_text="vocabulary words").wait_for()
        studio.settled()
        studio.write("vocabulary words\nfact late days clock\naction ring, write\n")
        studio.page.keyboard.press("Control+s")
        studio.page.get_by_text("Saved to words.forbear").wait_for()
        assert studio.said == []
        context.close()
    assert "ring, write" in (tmp_path / "words.forbear").read_text("utf-8")
    assert "table sheet" in file.read_text("utf-8")


def test_a_broken_address_says_so(kept: Studio, address: str) -> None:
    other = opened(kept.page.context, f"{address}#policy=AAAA")
    assert "cut, or changed" in other.page.locator("#notice").inner_text()
    other.page.close()


def test_on_a_telephone_and_in_the_dark(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    studio = opened(context, address)
    assert studio.page.evaluate("document.documentElement.scrollWidth") <= 390
    studio.select("findings")
    assert "contradiction" in studio.codes()
    assert studio.faults_of_access() == ""
    studio.page.locator(".finding .link").first.click()
    assert studio.page.locator(".cm-content").is_visible(), "a line leads to the text"
    assert studio.said == []
    context.close()
