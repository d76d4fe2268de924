/** The server refuses a request with this text, which may be empty. */
export class Refusal extends Error {}

/** Raised inside the pipeline's own process, whose errors the server loses on the way. */
export class ChildError extends Error {}

/** Thrown by a responder: the pipeline's process dies, and what was asked of it is never answered. */
export class ChildCrash extends Error {}
