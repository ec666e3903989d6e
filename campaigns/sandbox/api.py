"""The API under /api/v1: from a request to an answer, strictly as documented."""

import uuid
from dataclasses import dataclass
from typing import Any

from . import attachments, auth, eventlog, gestures, reading, sending, subscriptions
from .call import Call, World
from .problems import Problem
from .weather import Weather
from .wire import NoRoute, Request, Response, Route, TooLarge, WrongMethod, as_json, find

PREFIX = "/api/v1"
BEARER_ONLY = "PUT /attachments/{id}/upload"
SENDS = frozenset({"POST /chats", "POST /chats/{id}/messages", "POST /send", "POST /locations"})
ROUTES = [
    Route("POST /send", sending.send),
    Route("POST /chats", sending.open_chat),
    Route("POST /chats/{id}/messages", sending.follow_up),
    Route("GET /chats/{id}/messages", reading.history),
    Route("GET /messages/{id}", reading.message),
    Route("POST /attachments", attachments.reserve),
    Route(BEARER_ONLY, attachments.upload),
    Route("GET /attachments/{id}/content", attachments.download),
    Route("GET /phone-numbers", reading.phone_numbers),
    Route("POST /locations", sending.send_location),
    Route("POST /messages/{id}/react", gestures.react),
    Route("POST /messages/{id}/edit", gestures.edit),
    Route("POST /chats/send-contact", gestures.send_contact),
    Route("POST /chats/share-contact-info", gestures.share_contact_info),
    Route("POST /chats/{id}/send-contact", gestures.send_contact),
    Route("POST /chats/{id}/share-contact-info", gestures.share_contact_info),
    Route("POST /chats/{id}/mark-read", gestures.mark_read),
    Route("POST /chats/{id}/typing", gestures.typing),
    Route("POST /chats/{id}/participants", gestures.add_participant),
    Route("DELETE /chats/{id}/participants/{address}", gestures.remove_participant),
    Route("POST /chats/{id}/leave", gestures.leave),
    Route("PUT /chats/{id}", gestures.rename),
    Route("POST /webhook-subscriptions", subscriptions.create),
    Route("GET /webhook-subscriptions", subscriptions.index),
    Route("GET /webhook-subscriptions/{id}", subscriptions.show),
    Route("PATCH /webhook-subscriptions/{id}", subscriptions.change),
    Route("DELETE /webhook-subscriptions/{id}", subscriptions.delete),
    Route("GET /events", eventlog.index),
    Route("GET /events/stream", eventlog.stream),
    Route("GET /events/{id}", eventlog.show),
    Route("POST /events/{id}/replay", eventlog.replay),
    Route("GET /dev-inbox", eventlog.dev_inbox),
]


@dataclass
class Api:
    """Answers every call under /api/v1."""

    world: World

    def answer(self, request: Request) -> Response:
        """The answer, or the trouble the weather makes of it."""
        store = self.world.store
        weather = Weather(store.knobs(), store.count("calls"), self.world.clock(), self.world.sleep)
        response = self._weathered(request, weather)
        if weather.struck:
            store.count("turned_away")
        return response

    def _weathered(self, request: Request, weather: Weather) -> Response:
        trace_id = uuid.uuid4().hex
        try:
            route, values = find(ROUTES, request.method, request.path.removeprefix(PREFIX))
        except NoRoute:
            return _failed(Problem(2011, "No such route."), trace_id)
        except WrongMethod as wrong:
            return _failed(Problem(1002, "Method not allowed.", http=405), trace_id, Allow=", ".join(wrong.allowed))
        weather.route = route.name
        response = self._guarded(request, weather, route, values, trace_id)
        response.headers.setdefault("X-Trace-ID", trace_id)
        return response

    def _guarded(
        self, request: Request, weather: Weather, route: Route, values: dict[str, str], trace_id: str
    ) -> Response:
        try:
            return weather.before() or weather.after(self._handled(request, weather, route, values, trace_id))
        except Problem as problem:
            problem.retryable ^= weather.knobs.flip_retryable
            flat = route.name == "POST /send" and weather.knobs.flat_send_errors
            return _failed(problem, trace_id, flat=flat)
        except TooLarge:
            return _failed(Problem(1002, "The body is too large.", http=413), trace_id)

    def _handled(
        self, request: Request, weather: Weather, route: Route, values: dict[str, str], trace_id: str
    ) -> Response:
        now = self.world.clock()  # asked again: the weather may have taken its time
        if route.name == BEARER_ONLY:
            tenant = auth.bearer(self.world.store, request)
        else:
            tenant = auth.caller(self.world.store, request, now)
        if route.name not in SENDS:
            weather.rate()
        call = Call(self.world, request, tenant, weather.knobs, weather, now, route.name, trace_id)
        return route.handler(call, **values)


def _failed(problem: Problem, trace_id: str, *, flat: bool = False, **headers: str) -> Response:
    body: dict[str, Any] = problem.flat() if flat else problem.envelope(trace_id)
    if problem.retry_header:
        headers["Retry-After"] = problem.retry_header
    return as_json(body, problem.http, headers | {"X-Trace-ID": trace_id})
