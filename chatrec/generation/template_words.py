"""The fixed wordings of the template writer. All of them pass the gate: they claim nothing."""

from __future__ import annotations

OPENINGS = (
    "Here are {count} options for you.",
    "I found {count} that you may like.",
    "There are {count} that I can show you.",
    "Have a look at these {count}.",
    "These {count} may be what you are looking for.",
    "I would show you these {count}.",
    "You could choose from these {count}.",
    "We have {count} that you may like.",
    "I have {count} for you to look at.",
    "See what you think of these {count}.",
    "This is what I found for you.",
    "Of what we have, these {count} come to mind.",
)
"""A dozen, so that no reply of ten opens alike."""
CLOSINGS = (
    "Tell me what matters most to you and I can narrow it down.",
    "Let me know if you would like to see more options.",
    "I can tell you more about any of them.",
    "",
)
CLOSINGS_OF_TWO = tuple(words.replace("any of them", "either of them") for words in CLOSINGS)
CLOSINGS_OF_ONE = ("I can tell you more about it.", "Let me know if you would like to see more options.", "")
PRESENTING = ("[n] {text}.", "Then there is [n], which {text}.", "There is also [n], which {text}.")
"""How the last item of a list is brought in."""
WAYS_OUT = ("Here is what I could show you instead", "There are others that I could show you")
SAYINGS: dict[str, tuple[str, ...]] = {
    "greet": (
        "Hello! What are you looking for today?",
        "Hi, welcome. Tell me what you need and I will look for it.",
        "Hello, nice to see you. What can I help you find?",
    ),
    "thanks": ("You are welcome! Is there anything else you need?", "Of course. Let me know if you need anything else."),
    "bye": ("Goodbye, and thanks for coming by.", "Have a nice day!", "Take care, and see you another time."),
    "liked": ("Okay, I will keep in mind that you like [n].", "Thanks for telling me. I will remember that you like [n]."),
    "disliked": ("Okay, I will not show you that one again.", "Thanks for telling me. I will leave it out."),
    "chosen": ("Good choice: [n] it is.", "Okay, [n] it is. Is there anything else you need?"),
    "chosen_for_cart": ("Good choice: [n] it is. Shall I put that in your cart?", "Okay, [n] it is. Would you like that in your cart?"),
    "stray_yes_one": ("Gladly. Do you mean that I should put [n] in your cart, or would you rather hear more about it?",),
    "undecided": (
        "There is no hurry. Shall I compare them for you? Or tell me what it is for, and I will look again.",
        "Take your time. Shall I put them side by side for you?",
    ),
    "nothing_near": ("I can not tell what would come near to it. Tell me what you would use it for, and I will look again.",),
    "haggle": ("I can not change a price: it is as listed for [n]. Shall I look for something cheaper?",),
    "who": (
        "I am the assistant of this shop, a computer program. I can help you find items, compare them and answer questions about them, "
        "about your orders or about the shop.",
    ),
    "again": (
        "A person in our team has been told already and will take over here.",
        "A person in our team knows already that you would like to talk, and will take over here.",
    ),
    "chosen_gone": (
        "I am afraid [n] is out of stock at the moment. Shall I look for something like it?",
        "That one is out of stock just now: [n]. Shall I look for something like it?",
    ),
    "undone": ("Okay, I took that back.", "Done, that is taken back."),
    "nothing_to_undo": ("There is nothing left to take back.", "There is nothing to take back so far. What are you looking for?"),
    "not_recorded": ("Is there anything else that I can go by?", "What else matters to you?"),
    "reset": ("Okay, let us start again. What are you looking for?", "All cleared. What are you looking for now?"),
    "capability": (
        "I can help you find items in this shop, compare them and answer questions about them or about your orders.",
        "Tell me what you are looking for, or ask me about an item, an order or how this shop works.",
    ),
    "empty": ("I did not get any words there. What are you looking for?", "Your message came without words. What can I help you find?"),
    "too_long": ("That was a long message, so I took the first part of it.", "Your message was long, so I read the first part of it."),
    "decline": (
        "I can only help with this shop. What are you looking for?",
        "I am sorry, I can not help with that, but I can help you find something in this shop.",
    ),
    "nothing": ("I could not find anything that matches all of that.", "Nothing in this shop matches all of that."),
    "scope": (
        "I can only help with this shop. What are you looking for?",
        "I am sorry, I can not help with that, but I can help you find something in this shop.",
    ),
    "not_in_english": ("I found nothing under those words. Could you tell me in English what you are looking for?",),
    "not_carried": ("What else can I look for?", "Tell me what it is for and I will look again."),
    "nothing_further": ("Tell me what you could do without and I will look again.", "Which of your wishes could go?"),
    "compare_what": ("Which ones would you like me to compare?", "Tell me which two I should compare."),
    "which_item": ("Which one do you mean?", "Tell me which one you mean and I will look."),
    "why_what": ("Which one do you mean?",),
    "policy": (
        "I do not know that for sure. I can hand you over to a person in our team.",
        "Our shop information does not say. A person in our team can tell you.",
    ),
    "not_signed_in": ("I can not see who you are here, so I can not look up orders. Please sign in first, or ask a person in our team.",),
    "no_order": ("I do not find any such order of yours.", "There is no such order of yours that I can see."),
    "sign_in": ("I can not see who you are here. Please sign in first, or ask a person in our team.",),
    "disputed": (
        "Thank you for telling me. I can only go by what is listed here, and that may be wrong for [n]. Shall I ask a person to check it?",
    ),
    "upset": ("I am sorry that I have not been of more help. Shall I call a person in our team again?",),
    "stray_yes": ("Gladly, but I am not sure what to do. What are you looking for?", "Happy to. What shall I look for?"),
    "stray_yes_shown": (
        "Gladly, but I am not sure which one you mean. Shall I show you more, tell you about one of them, or put one in your cart?",
    ),
    "stray_no": ("All right. What else can I do for you?", "No problem. What are you looking for?"),
    "stray_no_shown": ("All right. What should be different?", "No problem. Tell me what does not suit you and I will look again."),
    "nodded": ("Good. What can I look for?",),
    "nodded_shown": ("Good. I can tell you more about any of them, or show you others.", "All right. Ask me anything about them."),
    "left": ("Okay, I leave it as it is.", "No problem, I leave it as it is."),
    "tool_done": ("Done.", "That is done."),
    "tool_failed": ("Sorry, that did not work just now. I can hand you over to a person in our team.",),
    "tool_unsure": ("I can not tell whether that went through. A person in our team can check it for you.",),
    "tool_argument": ("Sorry, I could not make that out. I can hand you over to a person in our team.",),
    "cart_empty": ("Your cart is empty.", "There is nothing in your cart so far."),
    "cart_emptied": ("Your cart is empty now.",),
    "which_to_cart": ("Tell me which one you would like in your cart.", "Which one would you like in your cart?"),
    "no_cart": ("Sorry, I can not look into your cart just now. A person in our team can help.",),
    "no_such_version": ("Sorry, [n] does not come in that version any more.",),
    "remembered": ("Okay, I will remember that for your next visits. You can ask me at any time what I know about you.",),
    "nothing_to_remember": ("Tell me a size, a brand or something else to go by, and I can remember it.",),
    "nothing_known": ("I have not remembered anything about you so far.",),
    "not_remembered": ("I remember only this conversation. You are not signed in, so nothing else is kept about you.",),
    "sign_in_to_remember": ("I can remember that only for shoppers who are signed in. In this conversation it counts.",),
    "forgotten": ("It is erased. What is left are the shop's own records, such as your orders.",),
    "forgotten_visit": ("It is erased.",),
    "profile_dropped": ("Okay, I have forgotten that.",),
    "hand_off": ("I am handing you over to a person in our team.", "A person in our team will take over from here."),
    "asked": (
        "Of course. I am handing you over to a person in our team, who will see what we have looked at so far.",
        "Gladly. A person in our team will take over from here, and will see what you told me.",
    ),
    "anger": (
        "I am sorry that this has been so frustrating. A person in our team will take over from here, and will see what you told me.",
        "I am sorry about this. I am handing you over to a person in our team, who will see what we have tried.",
    ),
    "failures": (
        "I am sorry that I could not help so far. A person in our team will take over from here, and will see what you told me.",
        "I have not found what you need, and I am sorry. I am handing you over to a person in our team, who will see what we have tried.",
    ),
}
