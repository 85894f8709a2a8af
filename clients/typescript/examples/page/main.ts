/**
 * A page on which support looks up what a customer is owed for a return.
 *
 * `?server=` names the server, which has to allow the origin of the page (`--cors-origins`),
 * and `?protocol=` is `connect` or `grpc-web`.
 */

import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { answer, assertNever, on, RedressError, type Verdict } from "redress-client";
import { Answer, View } from "redress-client/v1";
import { connect } from "redress-client/web";

const query = new URLSearchParams(location.search);
const protocol = query.get("protocol") === "grpc-web" ? "grpc-web" : "connect";
const client = connect(query.get("server") ?? "http://localhost:50051", { protocol });

const form = document.querySelector("form");
const output = document.querySelector("output");
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = new FormData(form);
  const show = (text: string) => {
    if (output) {
      output.textContent = text;
    }
  };
  show("...");
  try {
    show(told(await decide(String(given.get("delivered")), String(given.get("asked")))));
  } catch (error) {
    if (!(error instanceof RedressError)) {
      throw error;
    }
    show(`Not decided: ${error.message}`);
  }
});

/** Asks about the ring; a day of delivery that is empty is unknown. */
function decide(delivered: string, asked: string): Promise<Verdict> {
  const deliverTime = delivered ? { deliverTime: on(delivered) } : {};
  return client.decide({
    policy: "milona-paris",
    order: {
      orderId: "1001",
      currencyCode: "EUR",
      placeTime: on("2026-03-02"),
      lines: [
        {
          lineId: "ring",
          quantity: 1,
          unitPrice: "59.00",
          discount: "0.00",
          category: "ring",
          personalized: answer(false),
          tagsComplete: Answer.YES,
        },
      ],
      discount: "0.00",
      tagsComplete: Answer.YES,
      shipments: [{ shipmentId: "parcel", ...deliverTime }],
    },
    request: {
      requestTime: timestampFromDate(new Date(`${asked}T12:00:00Z`)),
      lines: [{ lineId: "ring", groups: [{ quantity: 1 }] }],
      action: { case: "goodsReturn", value: {} },
    },
    view: View.FULL,
    languageCodes: [...navigator.languages].slice(0, 10),
  });
}

/** Says what to do next, line by line. */
function told(verdict: Verdict): string {
  return [verdict.summary, ...next(verdict)].join("\n");
}

function next(verdict: Verdict): string[] {
  const step = verdict.nextStep;
  switch (step) {
    case "ask":
      return verdict.missing.map((fact) => `Ask: ${fact.question}`);
    case "review":
      return ["Next: let a person decide"];
    case "pay":
      return [`Next: pay ${verdict.payableNow.toFixed(2)} EUR`];
    case "carry_out":
      return ["Next: give what was granted"];
    case "wait":
      return [`Next: wait; pay ${verdict.payableNow.toFixed(2)} EUR now`];
    case "refuse":
      return ["Next: tell the customer"];
    default:
      return assertNever(step);
  }
}
