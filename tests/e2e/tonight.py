"""The files of two nights: payments in currencies of different places, odd amounts, rows that wait for others, payments that
look like one of before, and one that is too large."""
import random

import books
import night
from night import csv_text

COLUMNS = [*night.COLUMNS, "needs", "to_addresses", "coin_code"]
PAYEES, YESTERDAY = 72, 6
COINS = (29, 44, 60)  # payees that are paid in coins; the answer to the first one hangs, and then the run is killed
AMOUNTS = {"ars": ["100.10", "7", "0.01", "1234567.89", "19.9", "33.33", "90071992547409.93"],
           "usd": ["0.10", "1999.99", "250000", "3.5", "12.07"], "uyu": ["0.99", "41000.41"],
           "clp": ["1500", "7", "999999", "1"], "pyg": ["7300001", "19"], "btc": ["0.00012345", "0.1", "0.015"]}
CURRENCIES = ["ars", "usd", "clp", "ars", "uyu", "pyg"]
TOO_MUCH, CAPS = "2500000.01", "ars=90071992547410,usd=2500000"
SUSPECTED = {"again-1", "again-2", "yesterday-again"}  # duplicates: one is released, one taken out, one stays
LATE = {12: "1200.13", 32: "7013"}  # accepted, and cancelled by the other side afterwards


class File:
    """The payees' rows of one night, in the order in which they are paid."""

    def __init__(self, seed):
        self.rng, self.dicts = random.Random(seed), []

    def user(self, ref):
        self.dicts.append({"ref": ref, "action": "create_user", "email": f"pagos+{ref}@payer.example"})

    def pay(self, ref, user, currency, amount, cbu, needs=""):
        self.dicts.append({"ref": f"{ref}-account", "action": "create_withdrawal_instruction", "on_behalf_of": user,
                           "body.payment_method": "domestic_bank", "body.name": self.rng.choice(night.NAMES),
                           "body.city": "Córdoba", "body.country": "AR", "body.currency": "ARS", "body.bank": "galicia",
                           "body.account_type": "savings", "body.cbu": cbu})
        self.dicts.append({"ref": ref, "action": "create_cash_withdrawal", "on_behalf_of": user, "needs": needs,
                           "withdrawal_instruction": f"@{ref}-account", "amount": amount, "fiat_code": currency})

    def pay_again(self, ref, paid, of):
        """The same payee, account, amount and currency under another name."""
        by_ref = {row["ref"]: row for row in of.dicts}
        account = {**by_ref[f"{paid}-account"], "ref": f"{ref}-account"}
        payment = {**by_ref[paid], "ref": ref, "needs": "", "withdrawal_instruction": f"@{ref}-account"}
        self.dicts += [account, payment]

    def pay_coins(self, ref, user, amount):
        self.dicts.append({"ref": ref, "action": "create_coin_withdrawal", "on_behalf_of": user, "coin_code": "btc",
                           "to_addresses": "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", "amount": amount})

    def amount(self, currency, i):
        given = AMOUNTS[currency]
        return given[i // 6 % len(given)] if i // 6 < len(given) else str(self.rng.randrange(20, 2 * 10 ** 5) * 10) + (
            self.rng.choice(["", ".5", ".05", ".50", ".99"]) if books.PLACES[currency] else "")

    def text(self):
        return csv_text(self.dicts, COLUMNS)


def make_yesterday():
    f = File("yesterday")
    for i in range(YESTERDAY):
        f.user(f"y{i}")
        f.pay(f"yesterday-{i}", f"y{i}", CURRENCIES[i], f.amount(CURRENCIES[i], i), f"{3 * 10 ** 21 + i}")
    f.pay("yesterday-too-much", "y0", "usd", TOO_MUCH, f"{4 * 10 ** 21}")
    return f


def make_tonight(yesterday):
    f = File("tonight")
    for i in range(PAYEES):
        currency, user, ref = CURRENCIES[i % 6], f"u{i}", f"pay-{i}"
        f.user(user)
        if i in COINS:
            f.pay_coins(ref, user, AMOUNTS["btc"][COINS.index(i)])
        else:
            f.pay(ref, user, currency, LATE.get(i) or f.amount(currency, i), f"{10 ** 21 + i}",
                  needs={50: "pay-8", 51: "?pay-9"}.get(i, ""))
    f.pay_again("again-1", "pay-20", f)
    f.pay_again("again-2", "pay-21", f)
    f.pay_again("yesterday-again", "yesterday-3", yesterday)
    f.user("rich")
    f.pay("too-much", "rich", "usd", TOO_MUCH, f"{2 * 10 ** 21}")
    return f
