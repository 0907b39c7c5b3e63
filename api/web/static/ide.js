// GraphiQL over this host alone: queries by POST, subscriptions by graphql-transport-ws.
import { GraphiQL } from "graphiql";
import { createElement } from "react";
import { createRoot } from "react-dom/client";

const root = document.getElementById("ide");
const csrf = root.dataset.csrf;

async function post(params, options) {
  const response = await fetch("/graphql", {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/json", "x-csrf-token": csrf, ...options?.headers },
    body: JSON.stringify(params),
  });
  return response.json();
}

function subscribe(params, options) {
  return {
    subscribe(observer) {
      const address = location.origin.replace(/^http/, "ws") + "/graphql";
      const socket = new WebSocket(address, "graphql-transport-ws");
      const send = (message) => socket.send(JSON.stringify(message));
      socket.onopen = () => send({ type: "connection_init", payload: options?.headers ?? {} });
      socket.onerror = () => observer.error(new Error("connection lost"));
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(data);
        if (message.type === "connection_ack") {
          send({ id: "1", type: "subscribe", payload: params });
        } else if (message.type === "ping") {
          send({ type: "pong" });
        } else if (message.type === "next") {
          observer.next(message.payload);
        } else if (message.type === "error") {
          observer.error({ errors: message.payload });
        } else if (message.type === "complete") {
          observer.complete();
        }
      };
      return { unsubscribe: () => socket.close(1000) };
    },
  };
}

const fetcher = (params, options) =>
  /^\s*subscription\b/m.test(params.query) ? subscribe(params, options) : post(params, options);
const example = "{\n  me {\n    actor\n    role\n    partner {\n      code\n      name\n    }\n  }\n}\n";
createRoot(root).render(
  createElement(GraphiQL, { fetcher, defaultQuery: example, shouldPersistHeaders: false }),
);
