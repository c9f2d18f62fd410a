"""What the faulty servers are in front of: users, instructions and withdrawals in memory, and what took effect.

An effect and a job are the same when they would make the same thing: a user of that e-mail, an instruction of that user
and label, a withdrawal of that user, instruction, amount and currency (numbers as the digits that were sent)."""
import collections
import datetime
import json
import threading

Effect = collections.namedtuple("Effect", "key id row")


def key_of(kind, user, attributes, relationships):
    """Of what would be made; None when it is none of these."""
    if kind == "users":
        return kind, attributes.get("email")
    if kind == "withdrawal_instructions":
        return kind, user, attributes.get("label")
    if kind == "cash_withdrawals":
        to = relationships.get("withdrawal_instruction")
        return kind, user, to, attributes.get("amount"), attributes.get("fiat_code")
    return None


def now_text():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Digits(str):
    """A number, as it was written."""


def document_of(text):
    return json.loads(text, parse_float=Digits, parse_int=Digits)


def json_text(value):
    """With numbers as they were written."""
    if isinstance(value, Digits):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{json_text(member)}" for name, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(json_text, value)) + "]"
    return json.dumps(value)


class Bank:
    def __init__(self, first_id=7000):
        self.lock = threading.Lock()
        self.effects = []
        self.last_id = first_id

    # What is asked

    @staticmethod
    def read(request):
        """The kind, the attributes and the ids of the relationships of a POST."""
        data = document_of(request.body)["data"]
        relationships = {name: member["data"]["id"] for name, member in data.get("relationships", {}).items()}
        return data["type"], data.get("attributes", {}), relationships

    def key(self, request):
        """Of what a request would make or show: the same for the same job."""
        if request.method != "POST":
            return request.method, request.path, request.user
        kind, attributes, relationships = self.read(request)
        return key_of(kind, request.user, attributes, relationships)

    # What is done

    def apply(self, request):
        """It takes effect; the resource."""
        kind, attributes, relationships = self.read(request)
        with self.lock:
            self.last_id += 1
            row = self.row(str(self.last_id), kind, attributes, relationships)
            self.effects.append(Effect(key_of(kind, request.user, attributes, relationships), row["id"], row))
        return row

    @staticmethod
    def row(number, kind, attributes, relationships):
        """As the API shows it."""
        more = {"status": "received", "created_at": now_text()} if kind == "cash_withdrawals" else {}
        related = {name: {"data": {"type": f"{name}s", "id": other}} for name, other in relationships.items()}
        return {"id": number, "type": kind, "attributes": {**attributes, **more}, "relationships": related}

    def list(self, request):
        """Of the user acted for; whole, so that a second page is empty."""
        kind = request.path.strip("/")
        if "page[page]=" in request.query:  # only later ones are asked for by number
            return []
        with self.lock:
            return [e.row for e in self.effects if e.key[0] == kind and (kind == "users" or e.key[1] == request.user)]

    def show(self, request):
        kind, number = request.path.strip("/").split("/")
        return {"id": number, "type": kind, "attributes": {"name": "somebody"}}

    def perform(self, request):
        """Status and body of a request that is granted."""
        if request.method == "POST":
            data = self.apply(request)
        elif request.path.strip("/").count("/") == 1:
            data = self.show(request)
        else:
            data = self.list(request)
        return 200, json_text({"data": data}).encode()

    def effects_of(self, key):
        with self.lock:
            return [effect for effect in self.effects if effect.key == key]
