"""What is listed for a person, in words, with what to do: one table, whose English is that of `docs/operators.md`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from k5web.domain.incident import IncidentKind
from k5web.web.texts import _


@dataclass(frozen=True, slots=True)
class Said:
    """What happened, and what to do about it."""

    happened: str
    to_do: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the handbook's table: kinds that are one matter, in English, and as the desk shows them."""

    kinds: tuple[IncidentKind, ...]
    english: Said
    shown: Callable[[], Said]


ROWS: Final = (
    Row(
        (IncidentKind.CALL_LOST,),
        Said(
            (
                "the switch died, or fell silent, in a call, or the record of an answer or of its end is missing. "
                "Charged is what the records prove, a leg in `answer_missing` costs nothing; where the switch died "
                "`may_have_ended` and `possible` say what it could have been"
            ),
            "compare with the carrier's bill. Charge nothing more unless the carrier proves the talk",
        ),
        lambda: Said(
            _(
                "Коммутатор упал или замолчал во время звонка, либо нет записи об ответе или о конце. Взято то, что "
                "доказывают записи; за плечо из answer_missing – ничего; если коммутатор упал, в may_have_ended и "
                "possible – каким звонок мог быть."
            ),
            _("Сверьте со счётом оператора связи. Ничего не добирайте, пока он не докажет разговор."),
        ),
    ),
    Row(
        (IncidentKind.LATE_RECORD,),
        Said(
            "a record of a call came after it was closed",
            (
                "the call was closed as lost or not placed, and rang after all; it was ended as soon as its first "
                "record came: compare with the carrier's bill"
            ),
        ),
        lambda: Said(
            _("Запись о звонке пришла после того, как он был закрыт."),
            _(
                "Звонок закрыт как потерянный или не начатый, а телефон всё же звонил; как пришла первая запись, его "
                "завершили. Сверьте со счётом оператора связи."
            ),
        ),
    ),
    Row(
        (IncidentKind.COST_ABOVE_HOLD,),
        Said(
            "the legs cost more than was held; the subscriber paid what was held",
            "a limit in the switch did not hold: look at the switch's load and clock at that time",
        ),
        lambda: Said(
            _("Плечи стоили больше, чем было удержано; абонент заплатил удержанное."),
            _("В коммутаторе не сработало ограничение: проверьте его нагрузку и часы в то время."),
        ),
    ),
    Row(
        (IncidentKind.SETTLED_WITHOUT_HOLD,),
        Said(
            "a call was settled after its hold had expired; the balance may be below zero",
            "find out what kept the records so long: the worker, the record file, the database",
        ),
        lambda: Said(
            _("Звонок рассчитан, когда удержание уже истекло; баланс мог стать ниже нуля."),
            _("Выясните, что задержало записи: исполнитель, файл записей, база данных."),
        ),
    ),
    Row(
        (IncidentKind.HOLD_EXPIRED,),
        Said(
            "money was held beyond the longest end of a call, and was freed",
            "if the call is settled meanwhile there is `settled_without_hold` too; else look for its records",
        ),
        lambda: Said(
            _("Деньги были удержаны дольше самого долгого звонка и освобождены."),
            _("Если звонок тем временем рассчитан, рядом есть «рассчитан без удержания»; иначе ищите его записи."),
        ),
    ),
    Row(
        (IncidentKind.CALL_FAULT,),
        Said(
            "a bug of K5 in one call; others went on",
            "send the traceback in the worker's log to whoever maintains K5; the call is tried again at each sweep",
        ),
        lambda: Said(
            _("Ошибка программы в одном звонке; остальные идут."),
            _(
                "Передайте след ошибки из журнала исполнителя тому, кто сопровождает K5; звонок пробуется снова при "
                "каждом обходе."
            ),
        ),
    ),
    Row(
        (IncidentKind.SWITCH_FAULT,),
        Said(
            (
                "the switch hung up on the subscriber without dialling the other party; the subscriber pays nothing, "
                "the carrier bills the answer"
            ),
            (
                "keep `calls_at_once` below the switch's `maxcalls`, which refuses only after the answer; is its "
                "`extensions.conf` that of `deploy/asterisk`?"
            ),
        ),
        lambda: Said(
            _(
                "Коммутатор бросил трубку абоненту, не набрав собеседника; абонент не платит, оператор связи считает "
                "ответ."
            ),
            _(
                "Держите calls_at_once ниже maxcalls коммутатора: он отказывает только после ответа. Его "
                "extensions.conf – из deploy/asterisk?"
            ),
        ),
    ),
    Row(
        (IncidentKind.RULE_FAULT,),
        Said(
            (
                "the rule of a number leads to a step that is not there, or in a circle; its caller rang all people of "
                "the organisation"
            ),
            "open the number's rule on the subscriber's page and tell its owner; `reference` has version and step",
        ),
        lambda: Said(
            _("Правило номера ведёт к шагу, которого нет, или по кругу; звонок приняли все телефоны организации."),
            _("Откройте правило номера на странице абонента и скажите ему; в ссылке – версия и шаг."),
        ),
    ),
    Row(
        (IncidentKind.BELOW_MARGIN,),
        Said(
            (
                "each way of an order would have left less than `K5_LEAST_MARGIN` allows; it was not placed and cost "
                "nothing"
            ),
            "compare the carriers' price lists with K5's: a carrier became dearer, or a price is too low",
        ),
        lambda: Said(
            _("Каждый путь звонка принёс бы меньше, чем требует K5_LEAST_MARGIN; звонок не начат и ничего не стоил."),
            _("Сравните прайс-листы операторов связи с нашим: кто-то подорожал, или цена слишком низка."),
        ),
    ),
    Row(
        (IncidentKind.DAMAGED_RECORD,),
        Said(
            "a line of the record file cannot be read, or the file is gone",
            (
                "read `text` and `reason`; a full disk, a file that was cut or moved away too early. The calls of lost "
                "lines become `call_lost`"
            ),
        ),
        lambda: Said(
            _("Строку файла записей нельзя прочесть, или файла нет."),
            _(
                "Посмотрите text и reason: полный диск, обрезанный или рано убранный файл. Звонки потерянных строк "
                "станут потерянными."
            ),
        ),
    ),
    Row(
        (IncidentKind.UNKNOWN_CALL,),
        Said(
            "the switch speaks of a call that the database does not know",
            (
                "two houses on one switch, or a database made anew or restored from an older backup beside older "
                "records: none of them is charged; compare with the carrier's bill"
            ),
        ),
        lambda: Said(
            _("Коммутатор говорит о звонке, которого нет в базе данных."),
            _(
                "Два K5 на одном коммутаторе, или база новая либо восстановлена из старой копии при более новых "
                "записях: ничего не взято. Сверьте со счётом оператора связи."
            ),
        ),
    ),
    Row(
        (IncidentKind.PAYMENT_CONFLICT,),
        Said(
            (
                "a provider brings a payment under a name that was credited already, with another sum or account; it "
                "was refused"
            ),
            "ask the provider which is right before touching the account",
        ),
        lambda: Said(
            _("Поставщик принёс платёж под именем, которое уже зачтено, с другой суммой или другим счётом; отказано."),
            _("До любых действий со счётом спросите поставщика, что верно."),
        ),
    ),
    Row(
        (IncidentKind.CANCEL_CONFLICT,),
        Said(
            "a provider takes back another sum than it brought",
            "ask the provider; nothing was taken back",
        ),
        lambda: Said(
            _("Поставщик отзывает не ту сумму, которую принёс."),
            _("Спросите поставщика; ничего не списано."),
        ),
    ),
    Row(
        (IncidentKind.CANCEL_CLOSED, IncidentKind.CANCEL_SPENT, IncidentKind.CANCEL_REFUNDED),
        Said(
            "a payment cannot be taken back: the account is closed, the money was spent, or went back already",
            "answer the provider by its rules for disputed payments",
        ),
        lambda: Said(
            _("Платёж нельзя отозвать: счёт закрыт, деньги потрачены или уже возвращены."),
            _("Ответьте поставщику по его правилам спорных платежей."),
        ),
    ),
    Row(
        (IncidentKind.TOPUP_AMOUNT,),
        Said(
            "a provider reports another sum than the subscriber agreed to; nothing was credited",
            "`k5 payment find`, then settle it with the provider",
        ),
        lambda: Said(
            _("Поставщик называет не ту сумму, на которую согласился абонент; ничего не зачтено."),
            _("Найдите платёж поиском и решите с поставщиком."),
        ),
    ),
    Row(
        (IncidentKind.TOPUP_PAID_TWICE,),
        Said(
            "one top-up was paid by two attempts; both were credited",
            "ask the subscriber whether one shall go back",
        ),
        lambda: Said(
            _("Одно пополнение оплачено двумя попытками; обе зачтены."),
            _("Спросите абонента, вернуть ли одну."),
        ),
    ),
    Row(
        (IncidentKind.TOPUP_REFUND_EXCESS,),
        Said(
            "the provider says more went back than was credited",
            "compare with the provider's register",
        ),
        lambda: Said(
            _("Поставщик говорит, что возвращено больше зачтённого."),
            _("Сверьте с реестром поставщика."),
        ),
    ),
    Row(
        (IncidentKind.TOPUP_REFUND_LESS,),
        Said(
            "the provider says that less went back than is booked; nothing was credited again",
            "ask the provider whether the refund was made; a reversal mends what was not",
        ),
        lambda: Said(
            _("Поставщик говорит, что возвращено меньше, чем у нас проведено; повторно ничего не зачтено."),
            _("Спросите поставщика, был ли возврат; чего не было, исправляет сторно."),
        ),
    ),
    Row(
        (IncidentKind.ORDER_NUMBER_USED,),
        Said(
            "a provider has somebody else's order under a number that was new here; the next number was taken",
            "another house, or an older copy of this database, uses the same login: give each its own",
        ),
        lambda: Said(
            _("Под нашим новым номером у поставщика чужой заказ; взят следующий номер."),
            _("Тем же логином пользуется другой K5 или старая копия этой базы: дайте каждому свой."),
        ),
    ),
    Row(
        (IncidentKind.ORDER_NOT_OURS,),
        Said(
            "a provider answered about an order that this top-up did not register; nothing was credited",
            "`k5 payment find`, then ask the provider whose the order is",
        ),
        lambda: Said(
            _("Поставщик ответил о заказе, который это пополнение не создавало; ничего не зачтено."),
            _("Найдите платёж поиском, затем спросите поставщика, чей это заказ."),
        ),
    ),
    Row(
        (IncidentKind.TOPUP_REFUND_SHORT,),
        Said(
            "a refund took the balance below zero",
            "the provider gave back what was spent already: talk to the subscriber",
        ),
        lambda: Said(
            _("Возврат увёл баланс ниже нуля."),
            _("Поставщик вернул уже потраченное: поговорите с абонентом."),
        ),
    ),
    Row(
        (IncidentKind.TOPUP_UNHEARD, IncidentKind.REFUND_UNHEARD),
        Said(
            "a day went by and the provider never said how it ended",
            "ask the provider; `k5 payment find`",
        ),
        lambda: Said(
            _("Прошли сутки, а поставщик так и не сказал, чем кончилось."),
            _("Спросите поставщика; платёж найдёте поиском."),
        ),
    ),
    Row(
        (IncidentKind.UNKNOWN_TOPUP,),
        Said(
            "a provider speaks of a top-up that the database does not know",
            "a database made anew, or another house on the same site: ask the provider",
        ),
        lambda: Said(
            _("Поставщик говорит о пополнении, которого нет в базе данных."),
            _("База новая, или на том же сайте другой K5: спросите поставщика."),
        ),
    ),
    Row(
        (IncidentKind.REGISTER_DIFFERENCE,),
        Said(
            "a provider's register and the ledger disagree about a payment; its reference begins with how",
            "`k5 reconcile` again shows it; [reconciling](reconciling.md) says what each difference means",
        ),
        lambda: Said(
            _("Реестр поставщика и книги расходятся об одном платеже; имя начинается с того, чем."),
            _("Повторная сверка покажет его снова; что значит каждое расхождение, сказано в справке о сверке."),
        ),
    ),
    Row(
        (IncidentKind.CARD_TESTING,),
        Said(
            (
                "more cards were tried or refused on one account in a day than a person has; listed once a day, and its"
                " open payment pages were ended"
            ),
            "whose account? `k5 subscriber block` it if the cards are strange",
        ),
        lambda: Said(
            _(
                "За сутки на одном счёте пробовали больше карт или получили больше отказов, чем бывает у человека; раз"
                " в сутки, открытые страницы оплаты закрыты."
            ),
            _("Чей это счёт? Если карты чужие, заблокируйте абонента."),
        ),
    ),
    Row(
        (IncidentKind.STRAY_RECORDING,),
        Said(
            "a recorded file that no record of the switch named for a day; it is deleted",
            "were the switch's records lost about that time? nothing else is to be done for one file",
        ),
        lambda: Said(
            _("Файл записи, о котором сутки не было записи станции; он удалён."),
            _("Не терялись ли тогда записи станции? Ради одного файла больше ничего делать не надо."),
        ),
    ),
    Row(
        (IncidentKind.RECORDINGS_DISK,),
        Said(
            "the disk of a switch's recordings is full to 80 per cent or more; listed once a day",
            "make room or a larger disk: where it is full, talks go on and are not recorded",
        ),
        lambda: Said(
            _("Диск с записями разговоров станции занят на 80 процентов или больше; раз в сутки."),
            _("Освободите место или поставьте диск больше: на полном диске разговоры идут, но не записываются."),
        ),
    ),
    Row(
        (IncidentKind.GREETING_DECODER,),
        Said(
            "what makes an uploaded greeting playable does not run; listed once a day, and greetings wait",
            "is the library `av` of `deploy/requirements.lock` there? K5 tries again by itself, at least hourly",
        ),
        lambda: Said(
            _("Не запускается то, что готовит загруженные приветствия; раз в сутки, приветствия ждут."),
            _("Все ли библиотеки работника на месте? Попытки идут сами, всё реже, но хотя бы раз в час."),
        ),
    ),
)
_BY_KIND: Final = {kind: row for row in ROWS for kind in row.kinds}


def said(kind: str) -> Said:
    """Return what the desk says of a kind; one that only an older K5 knew has no words."""
    row = _BY_KIND.get(kind)  # type: ignore[call-overload]
    return row.shown() if row else Said(_("Этого вида больше нет."), _("Смотрите, что записано рядом."))
