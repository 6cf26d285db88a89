"""What templates may say: every filter (`sum|money`) and function (`can_pay()`) of theirs, all in this one place."""

from collections.abc import Callable
from typing import Any

from flask import Flask

from k5web.web import context, errors, forms, language, words
from k5web.web.accounts import contract, number_words
from k5web.web.assets import Assets
from k5web.web.bank import invoices
from k5web.web.books import claims, exports, periods, promised_payments, reasons, report_tables
from k5web.web.calls import kinds, missed, progress, terms
from k5web.web.contacts import called_names
from k5web.web.desk import subscriber_words
from k5web.web.inline import Inline
from k5web.web.payments import cards, errands, topups, tryout
from k5web.web.pbx import browser_phone, talk_words
from k5web.web.prices import plan_words
from k5web.web.texts import listed, marked, ngettext_marked, said

FILTERS: dict[str, Callable[..., Any]] = {
    # sums, numbers, moments
    "money": words.money,
    "signed": words.signed,
    "price": words.price,
    "decimal": words.decimal,
    "currency": words.currency,
    "typed_money": errands.typed_money,
    "whole": words.whole,
    "phone": words.phone,
    "masked": words.masked,
    "amount": subscriber_words.amount,
    "country_of": words.country_of,
    "destination": words.destination,
    "when": words.when,
    "clock": words.clock,
    "moment": words.moment,
    "month": words.month,
    "seconds": progress.seconds,
    "span": progress.span,
    "clock_face": progress.clock_face,
    "said": said,
    "listed": listed,
    # calls and their terms
    "counting": terms.counting,
    "counting_of_both": terms.counting_of_both,
    "extras": terms.extras,
    "agreed": terms.agreed,
    "made_of": terms.made_of,
    "call_word": progress.outcome_word,
    "call_title": kinds.call_title,
    "other_party": kinds.other_party,
    "other_masked": kinds.other_masked,
    "outcome_words": missed.outcome_words,
    "talk_other": talk_words.other,
    "other_number": called_names.other_number,
    "talk_party": talk_words.party,
    "talk_verdict": talk_words.verdict,
    "talk_word": talk_words.word,
    "talk_other_masked": talk_words.masked_other,
    "talk_word_masked": talk_words.masked_word,
    "leg_name": talk_words.leg_name,
    "leg_word": talk_words.leg_word,
    "ring_back": talk_words.ring_back,
    "outside_number": talk_words.outside,
    "reason": reasons.reason,
    "reason_masked": reasons.reason_masked,
    "explained": report_tables.explained,
    "source": reasons.source,
    "days": periods.said,
    "movements": periods.word,
    "export_name": exports.name,
    "export_word": exports.word,
    "leg_reason": reasons.leg_reason,
    "direction": reasons.direction,
    "claim_state": claims.state,
    "claim_reason": claims.reason_word,
    "own_limit": words.own_limit_words,
    "own_amount": words.own_amount,
    # plans
    "fee": plan_words.fee,
    "service_price": plan_words.service_price,
    "gift": plan_words.gift,
    "sum_of": plan_words.sum_of,
    "left_of": plan_words.left_of,
    "day": plan_words.day,
    "accepted_how": contract.accepted_how,
    # money that comes in
    "topup_word": topups.word,
    "invoice_word": invoices.word,
    "card_name": cards.card_name,
    "card_till": cards.card_till,
    # numbers to rent
    "code_name": number_words.code_name,
    # messages
    "sending_word": subscriber_words.sending_word,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    # the library's own find the catalogue anew for each text
    "_": marked,
    "ngettext": ngettext_marked,
    "visitor": context.visitor,
    "help_phone": context.help_phone,
    "operator": context.operator,
    "language": language.language,
    "language_links": language.links,
    "may_keep_language": language.may_be_kept,
    "csrf_field": forms.csrf_field,
    "shown_field": forms.shown_field,
    "why_unserved": errors.why_unserved,
    "can_pay": topups.can_pay,
    "can_pay_at_bank": invoices.can_pay_at_bank,
    "can_promise": promised_payments.can_promise,
    "can_keep_cards": cards.can_keep_cards,
    "has_browser_phone": browser_phone.is_here,
    "tryout_of_account": tryout.of_account,
    "tryout_of_order": tryout.of_order,
    "tryout_of_number": tryout.of_number,
    "tryout_of_paper": tryout.of_paper,
}


def register(app: Flask, assets: Assets, inline: Inline) -> None:
    """Teach the templates these words, and where this program's static files are."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(FUNCTIONS)
    app.jinja_env.globals.update(
        asset=assets.address,  # the path of a file of static/
        script=assets.script,  # the element of a script of static/
        inline_style=inline.style,  # of static/inline/, in the page itself
        inline_script=inline.script,
    )
