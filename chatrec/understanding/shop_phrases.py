"""The topics of a shop's own rules and services, as patterns over canonical words."""

from __future__ import annotations

import re

_TOPICS = (
    r"shipping|ship to|ship|shipped to|deliver to|delivery|deliveries|deliver|returns?|refunds?|refunded|"
    r"money back|exchange|exchanges|warrant(?:y|ies)|guarantee|guarantees|payment|payments|pay (?:with|by|"
    r"in|via|using|on|later)|paypal|credit card|debit card|apple pay|google pay|klarna|invoice|"
    r"instal?ments?|gift ?cards?|gift ?wrap\w*|voucher|vouchers|coupon|coupons|promo code|discount code|"
    r"discounts?|price match\w*|newsletter|loyalty|points|membership|opening hours|open on|open today|"
    r"opening times|close at|store hours|(?:physical|local|nearest|your) stores?|showroom|branch|phone "
    r"number|email address|contact|"
    r"customer service|customer support|cancel (?:my|an|the) order|cancel an|cancell?ation|change my "
    r"(?:order|address)|customs|import dut(?:y|ies)|sales tax|vat|tracking number|repairs?|repair service|"
    r"privacy|personal data|my data|gdpr|cookies|terms and conditions|policy|policies|click and collect|"
    r"pick ?up in store|"
    r"collect in store|po box|express|overnight|international|abroad|overseas|create an account|my account|"
    r"password|where are you (?:based|located)|who are you (?:owned|run)|about (?:your company|the "
    r"company)|packaging|sustainab\w+|restock|bulk order|wholesale|b2b|student discount|business hours|"
    r"free shipping|send (?:it|something|this|that|them) back|return (?:it|something|this|that|an|my|these|those|them)"
)
SHOP = re.compile(
    rf"\b(?:{_TOPICS})\b|\b(?:a|any|your|the) (?:physical |real |local )?(?:shops?|stores?|branch(?:es)?|outlets?) (?:in|near|"
    rf"around) \w"
)
# Words of the list above that also name products or properties: alone they prove nothing.
WEAK = re.compile(
    r"^(?:ship|deliver|returns?|exchange|repairs?|express|points|packaging|international|abroad|warranty|"
    r"guarantee|guarantees|contact|branch|overnight|cookies|discounts?|gift ?cards?|policy)$"
)
