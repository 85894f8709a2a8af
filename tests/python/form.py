"""Fills in a form about an order until its request is settled, from the server alone.

What can be asked comes from `GetPolicy`, and what is asked from the missing facts of each
verdict: no question, fact or event is known here beforehand, standard or declared. Usage: form.py ADDRESS POLICY ACTION
"""

import re
import sys

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from stranger import caller

ROUNDS = 30
YES, NO = 1, 2
PART = re.compile(r"(\w+)(?:\[([^\]]+)\])?")


class Form:
    """Answers questions by what the server says of them."""

    def __init__(self, pool, policy):
        kinds = pool.FindEnumTypeByName("redress.v1.AnswerType").values_by_number
        self.kinds = {number: kind.name for number, kind in kinds.items()}
        classes = pool.FindEnumTypeByName("redress.v1.FactClass").values_by_number
        self.classes = {number: of.name for number, of in classes.items()}
        self.events = {event.name: event for event in policy.events}
        self.facts = {fact.name: fact for fact in policy.facts}
        self.told = set()

    def day(self, name):
        """Returns a day on which an event happened, after those that come before it.

        Nothing: it has not happened.
        """
        event = self.events.get(name)
        if event is None or event.to_come:
            return None

        def depth(name):
            before = self.events[name].after if name in self.events else []
            return 1 + max(map(depth, before), default=0)

        return f"2026-03-{depth(name):02}"

    def is_supplied(self, asked):
        """Whether a question is for what the customer can still supply, or whether a list is whole."""
        fact = self.facts.get(asked.name)
        if fact is None:
            return asked.name.endswith("_complete")
        return self.classes[fact.fact_class] == "FACT_CLASS_ASKED"

    def answer(self, asked):
        """Returns the kind of an answer, and a value of that kind."""
        kind = self.kinds[asked.answer_type].removeprefix("ANSWER_TYPE_")
        day = self.day(asked.name)
        if asked.path in self.told and day:
            # The day was told already, and its hour matters.
            day += "T12:00:00Z"
        self.told.add(asked.path)
        values = {
            "YES_NO": YES if self.is_supplied(asked) else NO,
            "WORD": asked.words[0] if asked.words else "other",
            "NUMBER": max(asked.at_least, 1),
            "AMOUNT": "0.00",
            "EVENT": day,
            "DAY": "1990-01-01",
            "TIME_ZONE": "Europe/Paris",
            "SHIPMENT": "p-1",
        }
        return kind, values[kind]


def enum_value(field, word):
    """Returns the value of an enum that a word names."""
    names = [value.name for value in field.enum_type.values]
    [name] = [name for name in names if name.endswith("_" + word.upper())]
    return field.enum_type.values_by_name[name].number


def put(message, path, kind, value):
    """Sets the field of a path."""
    *parents, last = PART.findall(path)
    for name, index in parents:
        step = getattr(message, name)
        if index:
            while len(step) <= int(index):
                element = step.add()
                if name == "shipments":
                    element.shipment_id = f"p-{len(step)}"
            step = step[int(index)]
        else:
            step.SetInParent()
        message = step
    name, word = last
    if word and name == "facts":
        entry = message.facts.add(name=word)
        field = {"YES_NO": "answer", "EVENT": "time"}.get(kind, kind.lower())
        message, name = entry, field
    elif word:
        # A list that does not have the word, and says that it is whole.
        whole = f"{name}_complete"
        if whole in message.DESCRIPTOR.fields_by_name:
            setattr(message, whole, YES)
        else:
            getattr(message, name).append("other")
        return
    elif kind == "NUMBER" and name == "shipments":
        # How many there are: each is named.
        for number in range(value):
            message.shipments.add(shipment_id=f"p-{number + 1}")
        return
    field = message.DESCRIPTOR.fields_by_name[name]
    if field.message_type is not None and field.message_type.name == "EventTime":
        event = getattr(message, name)
        if value in (None, NO):
            event.not_yet.SetInParent()
        elif "T" in value:
            event.time.FromJsonString(value)
        else:
            event.date = value
    elif field.enum_type is not None and kind == "WORD":
        setattr(message, name, enum_value(field, value))
    else:
        setattr(message, name, value)


def main(address, policy, action):
    with grpc.insecure_channel(address) as channel:
        pool = DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
        get_class, get = caller(channel, pool, "redress.v1.PolicyService", "GetPolicy")
        form = Form(pool, get(get_class(name=f"policies/{policy}")).policy)
        request_class, decide = caller(channel, pool, "redress.v1.DecisionService", "Decide")

        # All that is known of an order that nobody here has seen.
        request = request_class(policy=policy)
        request.order.order_id = "unseen"
        request.order.currency_code = "EUR"
        request.order.lines.add(line_id="it", quantity=1)
        request.request.lines.add(line_id="it").groups.add(quantity=1)
        request.request.request_time.FromJsonString("2026-03-20T10:00:00Z")
        asked_for = getattr(request.request, action)
        asked_for.SetInParent()
        if action == "other":
            asked_for.name = form.facts["other_action"].words[0]

        outcomes = pool.FindEnumTypeByName("redress.v1.Outcome").values_by_number
        for turn in range(ROUNDS):
            verdict = decide(request).verdict
            outcome = outcomes[verdict.outcome].name
            if outcome != "OUTCOME_NEEDS_INFORMATION":
                break
            assert verdict.missing, "information is needed, and none is asked for"
            for asked in verdict.missing:
                assert asked.question, asked
                print(f"{turn + 1}. {asked.question} [{asked.path}]")
                put(request, asked.path, *form.answer(asked))
        else:
            raise AssertionError(f"still asked after {ROUNDS} rounds")
        print(f"{policy}, {action}: {outcome}")
        assert outcome in ("OUTCOME_APPROVED", "OUTCOME_DENIED"), outcome


if __name__ == "__main__":
    main(*sys.argv[1:4])
