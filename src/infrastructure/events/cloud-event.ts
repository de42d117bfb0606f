/** CloudEvents 1.0, JSON event format, as events are pushed to systems and nodes. */
export interface CloudEvent {
  readonly specversion: "1.0";
  readonly id: string;
  /** The event room. */
  readonly source: string;
  readonly type: string;
  readonly time: string;
  /** The key by which it keeps its order. */
  readonly subject?: string;
  readonly datacontenttype: "application/json";
  /** Extensions: who published it, and its number in the log of the node that sends it. */
  readonly publisher: string;
  readonly sequence: string;
  /** The extension for distributed tracing: where in which trace it was published. */
  readonly traceparent?: string;
  readonly data: unknown;
}

export const CLOUD_EVENT_TYPE = "application/cloudevents+json; charset=utf-8";

export function cloudEvent(event: {
  readonly id: string;
  readonly room: string;
  readonly type: string;
  readonly at: string;
  readonly key: string | null;
  readonly publisher: string;
  readonly seq: number;
  readonly trace?: string | null;
  readonly data: unknown;
}): CloudEvent {
  return {
    specversion: "1.0",
    id: event.id,
    source: `/r1/${event.room}`,
    type: event.type,
    time: event.at,
    ...(event.key !== null && event.key !== "" && { subject: event.key }),
    datacontenttype: "application/json",
    publisher: event.publisher,
    sequence: String(event.seq),
    ...(event.trace != null && { traceparent: event.trace }),
    data: event.data,
  };
}
