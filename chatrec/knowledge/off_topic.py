"""What shoppers ask that policies of most shops do not answer: examples that a question is compared with before a policy may answer it.

The nearer a question comes to one of these, the better a passage must fit. A shop that does write about such a thing (a loyalty scheme,
gift wrapping) is still found: its own passage then fits much better than the ones beside it.
"""

from __future__ import annotations

# About the company and what it might do besides selling.
COMPANY = (
    "do you have a rewards programme",
    "is there a discount for students",
    "do you offer family discounts",
    "are you looking for staff",
    "I want to apply for a job",
    "who owns this company",
    "when was the shop founded",
    "how many people work for you",
    "is your company on the stock market",
    "are your products ethically made",
    "where are your products manufactured",
    "what do you do for the environment",
    "do you give money to good causes",
    "do you rent things out",
    "can I borrow one before I buy",
    "do you take back used things",
    "do you run courses or events",
    "do you guide trips",
    "do you have an app for my phone",
    "do you have a blog or a podcast",
    "are you on instagram",
    "do you work with influencers",
    "do you wrap gifts",
    "do you print logos for companies",
    "is there a place to park",
    "can I bring my dog",
    "do you have a cafe",
    "do you sell tickets",
    "do you do wedding lists",
    "do you sponsor athletes",
)
# About an item: the records answer, not the policies.
ITEMS = (
    "is it waterproof",
    "how heavy is it",
    "what is it made of",
    "does it come in blue",
    "how big is it inside",
    "which of these is best",
    "what is the difference between the two",
    "does it need batteries",
    "how do I use it",
    "how do I clean it at home",
    "what size should I take",
    "will it fit my friend",
)
# Nothing that a shop answers.
WORLD = (
    "what is the weather like",
    "tell me a joke",
    "who are you",
    "are you a robot",
    "what is the time",
    "sing a song",
    "who won the match",
    "what is two plus two",
    "what is the capital of Spain",
    "translate this for me",
    "how do I cook pasta",
    "how do I fix my car",
    "recommend a film",
    "I feel sad",
    "what do you think about politics",
    "write an essay",
    "how tall is the tower",
    "which celebrity wears this",
    "what is love",
    "what is your favourite food",
)
OFF_TOPIC = COMPANY + ITEMS + WORLD
