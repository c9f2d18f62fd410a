"""Another reading of the Bitex API v2.x, so that the program is not tested against one server only.

Written from Bitex's public guides and recorded answers, on aiohttp; it shares no line and no library with
remesa-sandbox. It behaves as the real one was seen to: 200 for every POST, string ids, money as a float, attributes
nobody asked for, chunked answers, cookies and Cloudflare's headers, `<` and `>` escaped, an answer time with a long
tail. What it checks is strict: a request that Bitex would not understand is refused, so nothing sloppy passes.

Every request is appended to a file, one JSON object a line, raw: that is what the test judges by.

usage: foreign_server.py PORT_FILE LOG_FILE KEY_FILE SEED MAX_SECONDS
"""
import asyncio
import datetime
import json
import os
import random
import re
import sys
import time
import uuid

from aiohttp import web

CURRENCIES = {"usd", "ars", "clp", "pyg", "uyu"}


def now_text():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.") + "000Z"


class Refusal(Exception):
    def __init__(self, status, document):
        super().__init__(status)
        self.status, self.document = status, document


def invalid(resource_type, attribute, title):
    return Refusal(422, {"errors": [{
        "status": 422, "title": title, "detail": title, "code": re.sub(r"\W+", "_", title.lower()),
        "meta": {"type": resource_type}, "source": {"pointer": f"/data/attributes/{attribute}"}}]})


def not_found():
    return Refusal(404, {"errors": [{"code": None, "detail": None}]})


class Bitex:
    def __init__(self, key, rng):
        self.key, self.rng = key, rng
        self.users, self.instructions, self.withdrawals = {}, {}, {}
        self.last_id = {"users": 70000, "withdrawal_instructions": 410, "cash_withdrawals": 9}

    def new_id(self, kind):
        self.last_id[kind] += self.rng.randrange(1, 5)  # others use the API too
        return str(self.last_id[kind])

    # ---- who asks ----

    def actor(self, headers):
        """None for the master, the id of a user otherwise."""
        given = headers.get("Authorization")
        if not given:
            raise Refusal(401, {"error": "Necesitas iniciar sesión o registrarte para continuar."})
        key, _, rest = given.partition(";")
        if key.strip() != self.key:
            raise Refusal(401, {"error": "Invalid Api Key"})
        if not rest:
            return None
        match = re.fullmatch(r" ?user=(\d+)", rest)
        if not match or match[1] not in self.users:
            raise not_found()
        return match[1]

    def document(self, headers, body, kind):
        """The resource object of a request, its numbers as written."""
        if headers.get("Content-Type", "").split(";")[0] not in ("application/json", "application/vnd.api+json"):
            raise Refusal(415, {"errors": [{"code": "unsupported_media_type", "detail": None}]})
        data = json.loads(body, parse_float=str, parse_int=str)["data"]
        if data.get("type") != kind:
            raise invalid(kind, "base", "Tipo inesperado")
        return data

    # ---- what there is ----

    def create_user(self, user, data):
        if user is not None:
            raise Refusal(401, {"error": "Not enough permissions"})
        email = data.get("attributes", {}).get("email")
        if any(other["email"] == email for other in self.users.values()):
            raise invalid("users", "email", "Ya está en uso")
        new = self.new_id("users")
        self.users[new] = {"name": email, "email": email, "kyc_accepted": False, "otp_enabled": False,
                           "do_not_email": False, "trezor_login_enabled": False, "compliance_state": "new"}
        return {"data": {"id": new, "type": "users", "attributes": self.users[new]}}

    def create_instruction(self, user, data):
        attributes = data["attributes"]
        new = self.new_id("withdrawal_instructions")
        self.instructions[new] = {"user": user, "label": attributes.get("label"), "schema": "bitex",
                                  "body": attributes.get("body", {})}
        return {"data": self.show_instruction(new)}

    def show_instruction(self, number):
        mine = self.instructions[number]
        return {"id": number, "type": "withdrawal_instructions",
                "attributes": {k: mine[k] for k in ("label", "schema", "body")}}

    def create_withdrawal(self, user, data):
        attributes, relationships = data["attributes"], data.get("relationships", {})
        instruction = str(relationships["withdrawal_instruction"]["data"]["id"])
        if self.instructions.get(instruction, {}).get("user") != user:
            raise not_found()
        if not re.fullmatch(r"\d+(\.\d+)?", str(attributes.get("amount"))) or float(attributes["amount"]) <= 0:
            raise invalid("cash_withdrawals", "amount", "No es un número")
        if str(attributes.get("fiat_code")).lower() not in CURRENCIES:
            raise invalid("cash_withdrawals", "fiat_code", "No está en la lista")
        amount = float(attributes["amount"])
        new = self.new_id("cash_withdrawals")
        self.withdrawals[new] = {
            "status": "received", "amount": amount, "gross_amount": amount, "cost": 0.0, "fee": 0.0,
            "net_amount": amount, "country": "AR", "payment_method": "domestic_bank",
            "fiat_code": attributes["fiat_code"].lower(), "label": self.instructions[instruction]["label"],
            "created_at": now_text()}
        related = {"withdrawal_instruction": {"data": {"id": instruction, "type": "withdrawal_instructions"}},
                   "funding_receipt": {"data": None}}
        return {"data": {"id": new, "type": "cash_withdrawals", "attributes": self.withdrawals[new],
                         "relationships": related}, "included": [self.show_instruction(instruction)]}

    def answer(self, request, body):
        """Status and document."""
        routes = {"users": self.create_user, "withdrawal_instructions": self.create_instruction,
                  "cash_withdrawals": self.create_withdrawal}
        kind = request.path.removeprefix("/api/").rstrip("/")
        user = self.actor(request.headers)
        if request.method != "POST" or kind not in routes:
            raise not_found()
        return 200, routes[kind](user, self.document(request.headers, body, kind))


class Server:
    def __init__(self, bitex, rng, log):
        self.bitex, self.rng, self.log = bitex, rng, log

    def write(self, request, body, status, document):
        data = document.get("data") or {}
        self.log.write(json.dumps({
            "at_us": time.time_ns() // 1000, "method": request.method, "path": request.path_qs,
            "headers": [[n.decode("latin-1"), v.decode("latin-1")] for n, v in request.raw_headers],
            "body": body.decode("utf-8"), "status": status,
            "kind": data.get("type"), "remote_id": data.get("id")}) + "\n")
        self.log.flush()

    def delay(self):
        """Mostly quick, one in twelve slow."""
        return self.rng.uniform(0.15, 0.4) if self.rng.random() < 1 / 12 else self.rng.uniform(0.001, 0.03)

    async def handle(self, request):
        body = await request.read()
        try:
            status, document = self.bitex.answer(request, body)
        except Refusal as refusal:
            status, document = refusal.status, refusal.document
        except (ValueError, KeyError, TypeError):
            status, document = 500, {}
        self.write(request, body, status, document)
        await asyncio.sleep(self.delay())
        return await self.send(request, status, document)

    async def send(self, request, status, document):
        headers = {"Server": "cloudflare", "Cf-Ray": "5a-EZE", "X-Request-Id": str(uuid.uuid4()), "X-Runtime": "0.160001",
                   "Cache-Control": "max-age=0, private, must-revalidate", "ETag": 'W/"0f"',
                   "Content-Type": "application/vnd.api+json; charset=utf-8"}
        if status == 500:
            headers["Content-Type"] = "text/html; charset=utf-8"
        text = json.dumps(document, ensure_ascii=False) if document else "<html>We're sorry</html>"
        data = text.replace("<", "\\u003C").replace(">", "\\u003E").encode() if document else text.encode()
        if self.rng.random() < 0.3:
            return web.Response(status=status, body=data, headers=headers)
        answer = web.StreamResponse(status=status, headers=headers)
        answer.enable_chunked_encoding()
        answer.set_cookie("_bitex_la_session", uuid.uuid4().hex)
        await answer.prepare(request)
        at = 0
        while at < len(data):
            step = self.rng.randrange(1, 200)
            await answer.write(data[at:at + step])
            at += step
        await answer.write_eof()
        return answer


async def serve(port_file, log_file, key_file, seed, max_seconds):
    rng = random.Random(int(seed))
    with open(key_file) as f:
        key = f.readline().strip()
    with open(log_file, "a") as log:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", Server(Bitex(key, rng), rng, log).handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        with open(port_file + ".new", "w") as f:
            f.write(str(runner.addresses[0][1]))
        os.rename(port_file + ".new", port_file)
        await asyncio.sleep(float(max_seconds))


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
