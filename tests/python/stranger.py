"""Asks a running server for a verdict, knowing nothing of it but its address.

No stubs and no proto file: the contract comes by reflection, as for any tool of
a stranger. Usage: stranger.py ADDRESS REQUEST.json [OUTCOME]
"""

import sys

import grpc
from google.protobuf import json_format
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

SERVICES = {
    "grpc.health.v1.Health",
    "redress.v1.DecisionService",
    "redress.v1.PolicyService",
}
SECONDS = 10


def caller(channel, pool, service, method):
    """Returns the class of a method's request, and a function that calls it."""
    described = pool.FindServiceByName(service).FindMethodByName(method)
    request_class = GetMessageClass(described.input_type)
    reply_class = GetMessageClass(described.output_type)
    call = channel.unary_unary(
        f"/{service}/{method}",
        request_serializer=request_class.SerializeToString,
        response_deserializer=reply_class.FromString,
    )
    return request_class, lambda request: call(request, timeout=SECONDS)


def main(address, path, wanted):
    with grpc.insecure_channel(address) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        pool = DescriptorPool(database)

        listed = set(database.get_services())
        print("services:", ", ".join(sorted(listed)))
        assert SERVICES <= listed, f"not listed: {SERVICES - listed}"

        request_class, check = caller(channel, pool, "grpc.health.v1.Health", "Check")
        health = check(request_class(service="redress.v1.DecisionService"))
        assert health.status == 1, f"not serving: {health}"

        request_class, decide = caller(channel, pool, "redress.v1.DecisionService", "Decide")
        with open(path, encoding="utf-8") as file:
            request = json_format.Parse(file.read(), request_class(), descriptor_pool=pool)
        verdict = decide(request).verdict
        outcomes = pool.FindEnumTypeByName("redress.v1.Outcome").values_by_number
        outcome = outcomes[verdict.outcome].name
        print(f"{path}: {outcome}, {verdict.summary}")
        assert outcome == wanted, f"{outcome} instead of {wanted}"
        assert verdict.receipt.policy == request.policy, "the receipt names another policy"

        # A refusal must reach a stranger too, with its code and its details.
        try:
            decide(request_class())
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.INVALID_ARGUMENT, error
            keys = [key for key, _ in error.trailing_metadata()]
            assert "grpc-status-details-bin" in keys, keys
        else:
            raise AssertionError("an empty request got a verdict")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "OUTCOME_APPROVED")
