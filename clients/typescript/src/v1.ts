/** The messages of the contract `redress.v1`. */
export * from "./gen/redress/v1/decision_service_pb.js";
export * from "./gen/redress/v1/error_pb.js";
export * from "./gen/redress/v1/facts_pb.js";
export * from "./gen/redress/v1/order_pb.js";
export * from "./gen/redress/v1/policy_service_pb.js";
export * from "./gen/redress/v1/request_pb.js";
export * from "./gen/redress/v1/verdict_pb.js";
export * from "./gen/redress/v1/vocabulary_pb.js";
