"""The engine that asks a server, against servers that behave and servers that do not."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from summarizer.engines import CitedSentence, CitingEngine, Hypothesis, create_engine
from summarizer.engines.openai import OpenAIEngine
from summarizer.errors import ModelError
from summarizer.models import ModelSpec
from tests.engines.servers import Chat, Reply, asked_text, chat_server

AR = "وصل الوزير إلى بغداد."
EN = "The minister arrived in Baghdad."


def engine(chat: Chat | str, **fields: object) -> OpenAIEngine:
    """An engine of the server that never really waits between tries; ``engine.waited`` holds what it would have."""
    server = {"retries": 2, "backoff_seconds": 1.0, "timeout_seconds": 30.0, **fields.pop("server", {})}
    spec = ModelSpec(
        **{
            "id": "remote",
            "task": "translation",
            "engine": "openai",
            "source": chat if isinstance(chat, str) else chat.url,
            "licence": "none",
            "size_mb": 0,
            "source_language": "ar",
            "target_language": "en",
            "input_limit": 200,
            "server": server,
            **fields,
        }
    )
    made = create_engine(spec, lambda: pytest.fail("looked for files"))
    assert isinstance(made, OpenAIEngine)
    made.waited = []
    made._sleep = made.waited.append
    return made


def summarizer(chat: Chat, **fields: object) -> OpenAIEngine:
    return engine(chat, task="summarization", target_language="ar", **fields)


def always(**reply: object):
    return lambda body, count: Reply(**reply)


# --- a server that behaves ------------------------------------------------------------------------


def test_each_sentence_is_one_request_and_answers_keep_their_order():
    with chat_server(lambda body, count: Reply(f"About {len(asked_text(body))} letters.")) as chat:
        texts = ["م" * number for number in range(1, 13)]
        found = engine(chat, server={"parallel": 6}).generate(["", *texts])
    assert [each[0].text for each in found] == ["", *(f"About {len(text)} letters." for text in texts)]
    assert len(chat.requests) == 12
    assert {request["path"] for request in chat.requests} == {"/v1/chat/completions"}


def test_the_request_says_all_that_decides_the_answer():
    with chat_server(always(content=EN)) as chat:
        one = engine(chat, server={"model": "tiny", "instructions": "Write in British spelling."})
        assert one.generate([AR], max_new_tokens=7) == [[Hypothesis(text=EN)]]
    (request,) = chat.requests
    assert (request["model"], request["temperature"], request["max_tokens"]) == ("tiny", 0.0, 7)
    system, user = request["messages"]
    assert "English" in system["content"]
    assert system["content"].endswith("Write in British spelling.")
    assert user["content"] == AR
    assert chat.keys == [None]


def test_two_hypotheses_are_one_answer_and_more_are_sampled_with_seeds():
    def behave(body, count):
        return Reply(EN if body["temperature"] == 0 else f"The minister came ({body['seed'] % 2}).")

    with chat_server(behave) as chat:
        one = engine(chat)
        assert one.generate([AR], hypotheses=2) == [[Hypothesis(text=EN)]]
        assert len(chat.requests) == 1
        (found,) = one.generate([AR], hypotheses=4)
        assert (found[0].text, len(found)) == (EN, 3)
        assert one.generate([AR], hypotheses=4) == [found]
    assert [request["temperature"] for request in chat.requests[1:4]] == [0.0, 0.7, 0.7]


def test_the_key_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("TEAM_KEY", " sesame ")
    with chat_server(always(content=EN)) as chat:
        engine(chat, server={"key_variable": "TEAM_KEY"}).generate([AR])
        assert chat.keys == ["Bearer sesame"]
        monkeypatch.delenv("TEAM_KEY")
        with pytest.raises(ModelError, match="remote needs a key: set the environment variable TEAM_KEY"):
            engine(chat, server={"key_variable": "TEAM_KEY"}).generate([AR])


def test_thoughts_and_fences_and_quotes_are_no_part_of_the_answer():
    said = f'<think>Is it Baghdad?\nYes.</think>\n```\n"{EN}"\n```'
    with chat_server(always(content=said)) as chat:
        assert engine(chat).generate([AR])[0][0].text == EN


def test_a_text_over_the_limit_is_refused_before_anything_is_sent():
    with chat_server(always(content=EN)) as chat:
        one = engine(chat)
        assert one.count_tokens("م" * 200) == 200
        with pytest.raises(ModelError, match="201 tokens, 200 are read"):
            one.generate([AR, "م" * 201])
    assert chat.requests == []


def test_a_summary_is_cited_sentences():
    said = "وصل الوزير. [1]\n- وبدأ الحوار [2][3].\nوانتهى [3، 1]"
    with chat_server(always(content=said)) as chat:
        one = summarizer(chat)
        assert isinstance(one, CitingEngine)
        found = one.write_cited([["الأولى.", "الثانية\nهنا.", "الثالثة."]])
    assert found == [
        [
            [
                CitedSentence(text="وصل الوزير.", cited=(0,)),
                CitedSentence(text="وبدأ الحوار.", cited=(1, 2)),
                CitedSentence(text="وانتهى", cited=(2, 0)),
            ]
        ]
    ]
    assert asked_text(chat.requests[0]) == "[1] الأولى.\n[2] الثانية هنا.\n[3] الثالثة."


def test_a_bare_text_can_be_summarized_too():
    with chat_server(always(content="وصل الوزير. [1]")) as chat:
        assert summarizer(chat).generate([AR])[0][0].text == "وصل الوزير."


# --- servers in trouble ---------------------------------------------------------------------------


def test_a_busy_server_is_asked_again_when_it_says():
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    headers = [
        {"Retry-After": "7"},
        {"Retry-After": "9999"},
        {"Retry-After": soon},
        {"Retry-After": "soon"},
        {},
    ]

    def behave(body, count):
        return Reply(EN) if count >= len(headers) else Reply(status=429, headers=headers[count])

    with chat_server(behave) as chat:
        one = engine(chat, server={"retries": 5, "longest_wait_seconds": 60})
        assert one.generate([AR])[0][0].text == EN
    seven, longest, dated, fourth, fifth = one.waited
    assert (seven, longest, fourth, fifth) == (7, 60, 8, 16)  # without a number: 1 s, doubled each time
    assert 30 < dated <= 40


@pytest.mark.parametrize("status", [408, 500, 503])
def test_a_server_that_stays_in_trouble_costs_the_text_and_not_the_brief(status):
    def behave(body, count):
        return Reply(status=status) if asked_text(body) == AR else Reply("Yes.")

    with chat_server(behave) as chat:
        failed, fine = engine(chat, server={"parallel": 1}).generate([AR, "نعم."])
    assert failed == [
        Hypothesis(text="", finished=False, fault=f"the server answered with status {status}, 3 times")
    ]
    assert fine[0].text == "Yes."
    assert len(chat.requests) == 4


def test_a_slow_server_is_given_up_on():
    gate = threading.Event()
    with chat_server(always(content=EN, hold=gate)) as chat:
        one = engine(chat, server={"timeout_seconds": 0.05, "retries": 1})
        (found,) = one.generate([AR])
        gate.set()
    assert found[0].fault == "the server took longer than 0.05 seconds, 2 times"


def test_a_server_that_fails_on_and_on_is_asked_no_more():
    with chat_server(always(status=503)) as chat:
        found = engine(chat, server={"retries": 0, "parallel": 1}).generate([f"{AR}{i}" for i in range(9)])
    assert len(chat.requests) == 4
    assert [each[0].text for each in found] == [""] * 9
    assert found[-1][0].fault == "not asked: the server failed on the texts before"


def test_a_server_that_is_not_there_ends_the_work_and_is_named():
    with chat_server(always()) as chat:
        pass
    with pytest.raises(
        ModelError, match=r"remote: no server answers at http://127\.0\.0\.1:\d+/v1 .*; start it, or"
    ):
        engine(chat).generate([AR])


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (401, "refuses the key .status 401.; name `server.key_variable`"),
        (404, "the server has no model 'remote'"),
        (418, "answered with status 418"),
    ],
)
def test_what_no_text_can_mend_ends_the_work(status, message):
    with (
        chat_server(always(status=status, body=b"no such\nthing")) as chat,
        pytest.raises(ModelError, match=message) as caught,
    ):
        engine(chat).generate([AR, "نعم."])
    assert "\n" not in str(caught.value)


# --- answers of the wrong form --------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad", ["", "Here is the translation:\nThe minister arrived.", "<think>Hm, the minister"]
)
def test_an_answer_of_the_wrong_form_is_asked_for_again_with_what_was_wrong(bad):
    with chat_server(lambda body, count: Reply(EN if count else bad)) as chat:
        assert engine(chat).generate([AR]) == [[Hypothesis(text=EN)]]
    last = chat.requests[1]["messages"]
    assert [each["role"] for each in last] == ["system", "user", "assistant", "user"]
    assert last[3]["content"].startswith("That is not the form I asked for: the answer")


def test_an_answer_that_stays_of_the_wrong_form_is_refused():
    with chat_server(always(content="Sure!\nThe minister arrived.")) as chat:
        (found,) = engine(chat).generate([AR])
    assert (found[0].text, found[0].finished) == ("", False)
    assert found[0].fault == "the answer is not of the form asked for: the answer has 2 lines, not one"
    assert len(chat.requests) == 2


@pytest.mark.parametrize(
    "said", ["وصل الوزير.", "وصل الوزير. [4]", "وصل [0]", "[1]", "ملخص:\nوصل الوزير. [1]"]
)
def test_a_summary_without_right_citations_is_refused(said):
    with chat_server(always(content=said)) as chat:
        assert summarizer(chat).write_cited([[AR, AR, AR]]) == [[]]


@pytest.mark.parametrize(
    "reply", [{"refusal": "I cannot help with that."}, {"finish_reason": "content_filter"}]
)
def test_a_refusal_costs_the_text_alone(reply):
    with chat_server(always(**reply)) as chat:
        (found,) = engine(chat).generate([AR])
    assert found[0].fault.startswith("the model refused the text: ")
    assert len(chat.requests) == 1


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b'{"choices": []}', b"[1]", b'{"choices": [{"message": {"content": 5}}]}']
)
def test_a_reply_that_is_not_of_the_interface_costs_the_text_alone(body):
    with chat_server(always(body=body)) as chat:
        (found,) = engine(chat).generate([AR])
    assert (found[0].text, found[0].finished) == ("", False)
    assert found[0].fault.startswith("the server's reply ")


def test_a_translation_that_was_cut_off_says_so():
    with chat_server(always(content="The minister arr", finish_reason="length")) as chat:
        assert engine(chat).generate([AR]) == [[Hypothesis(text="The minister arr", finished=False)]]


def test_a_summary_that_was_cut_off_is_used_up_to_its_last_whole_line():
    with chat_server(always(content="وصل الوزير. [1]\nوبدأ الحو", finish_reason="length")) as chat:
        found = summarizer(chat).write_cited([[AR, AR]])
    assert found == [[[CitedSentence(text="وصل الوزير.", cited=(0,))]]]
    assert len(chat.requests) == 1
    with chat_server(always(content="وصل الوز", finish_reason="length")) as chat:
        assert summarizer(chat).write_cited([[AR, AR]]) == [[]]
