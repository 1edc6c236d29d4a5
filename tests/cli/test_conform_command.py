"""`forbear conform`: a policy against standards, with the rules that would mend it."""

from __future__ import annotations

from pathlib import Path

from command import run, write

OBJECTIONS = """\
standard article "What the article objects to"
rule gift: never contact_related when contact_source is shipping_record
rule goods: never disclose_item_details
"""


def test_the_old_pack_breaks_the_objections_of_the_article_and_the_new_one_keeps_them(tmp_path: Path) -> None:
    write(tmp_path, "article.forbear", OBJECTIONS)
    before = run("conform", "pack:huabei/before", "--to", "article.forbear", "--format", "json", cwd=tmp_path)
    assert before.code == 1
    found = [(one["action"], one["standard_rule"], one["kind"]) for one in before.json["violations"]]
    assert found == [
        ("contact_related", "gift", "permits forbidden"),
        ("disclose_item_details", "goods", "permits forbidden"),
    ]
    assert before.json["violations"][0]["policy_rules"] == ["ask_related_person"]
    assert before.json["violations"][0]["witness"]["contact_source"] == "shipping_record"
    redesigned = run("conform", "pack:huabei/redesigned", "--to", "article.forbear", cwd=tmp_path)
    assert (redesigned.code, redesigned.out) == (0, "pack:huabei/redesigned conforms to article\n")


def test_what_is_suggested_mends_the_policy(tmp_path: Path) -> None:
    write(tmp_path, "article.forbear", OBJECTIONS)
    write(tmp_path, "house.forbear", "rule ask: after 60 days then allow contact_related, disclose_item_details\n")
    answer = run("conform", "house.forbear", "--to", "article.forbear", "--suggest", cwd=tmp_path)
    assert answer.code == 1
    assert answer.out == (
        "rule gift:\n  never contact_related when contact_source is shipping_record\n"
        '  source "article, gift"\n\n'
        'rule goods:\n  never disclose_item_details\n  source "article, goods"\n'
    )
    with (tmp_path / "house.forbear").open("a") as file:
        file.write(answer.out)
    mended = run("conform", "house.forbear", "--to", "article.forbear", "--suggest", cwd=tmp_path)
    assert (mended.code, mended.out) == (0, "")


def test_several_standards_and_what_none_of_them_knows(tmp_path: Path) -> None:
    write(
        tmp_path,
        "first.forbear",
        "standard first\nfact late days clock\naction sms\nrule a: within 2 days then forbid sms\n",
    )
    write(
        tmp_path,
        "second.forbear",
        "standard second\nfact late days clock\naction call\nrule b: after 9 days then require call\n",
    )
    house = "fact late days clock\naction sms, call, visit\nrule r: always then allow sms, visit\nrule s: never call\n"
    write(tmp_path, "house.forbear", house)
    answer = run(
        "conform", "house.forbear", "--to", "first.forbear", "--to", "second.forbear", "--format", "json", cwd=tmp_path
    )
    assert answer.code == 1
    assert [(one["standard"], one["kind"], one["verdict"]) for one in answer.json["violations"]] == [
        ("first", "permits forbidden", "allowed"),
        ("second", "omits required", "forbidden"),
    ]
    assert answer.json["unjudged"] == ["visit"]
    same = run("conform", "house.forbear", "--to", "first.forbear", "second.forbear", "--format", "json", cwd=tmp_path)
    assert same.json == answer.json
    text = run("conform", "house.forbear", "--to", "first.forbear", "second.forbear", cwd=tmp_path)
    assert "sms is allowed, which `a` of `first` forbids" in text.out
    assert "call is forbidden, which `b` of `second` requires" in text.out
    assert "unjudged, since no standard knows them: visit" in text.out
    assert "house.forbear does not conform to first, second: 2 violations" in text.out
    suggested = run("conform", "house.forbear", "--to", "first.forbear", "second.forbear", "--suggest", cwd=tmp_path)
    assert "# `s` forbids in some case what `b` requires: it has to give way too." in suggested.out


def test_facts_that_only_the_standard_knows(tmp_path: Path) -> None:
    write(
        tmp_path,
        "bounds.forbear",
        'standard bounds\nfact quiet yes/no optional "Told to be quiet"\naction sms\nrule a: never sms when quiet\n',
    )
    write(tmp_path, "house.forbear", "fact late days clock\naction sms\nrule r: always then allow sms\n")
    answer = run("conform", "house.forbear", "--to", "bounds.forbear", cwd=tmp_path)
    assert "fact quiet: a standard reads it as yes/no optional, and house.forbear does not have it" in answer.out
    suggested = run("conform", "house.forbear", "--to", "bounds.forbear", "--suggest", cwd=tmp_path).out
    assert (
        suggested
        == 'fact quiet yes/no optional "Told to be quiet"\n\nrule a:\n  never sms when quiet\n  source "bounds, a"\n'
    )


def test_wrong_use(tmp_path: Path) -> None:
    write(tmp_path, "house.forbear", "never sms\n")
    assert run("conform", "house.forbear", cwd=tmp_path).code == 2
    assert run("conform", "house.forbear", "--to", "nowhere.forbear", cwd=tmp_path).code == 2
    assert (
        run("conform", "house.forbear", "--to", "house.forbear", "--suggest", "--format", "json", cwd=tmp_path).code
        == 2
    )
