"""Languages beside English that shoppers write in, and the one sentence that the bot, which answers in English, says in each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# "I answer in English. I have searched for your words anyway; a colleague can take over if you like." ISO 639-1 codes; the first ten
# are the most spoken languages beside English (Ethnologue 2025, all speakers).
ANSWERS_IN_ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        "zh": "我用英语回答。我还是按您写的内容搜索了一下；如果您愿意，可以由我们的同事来帮助您。",
        "hi": "मेरे उत्तर अंग्रेज़ी में होते हैं। फिर भी मैंने आपके शब्दों से खोज की है; आप चाहें तो हमारे एक सहकर्मी आपकी मदद कर सकते हैं।",
        "es": "Respondo en inglés. De todos modos, he buscado lo que ha escrito; si lo desea, puede atenderle una persona de "
        "nuestro equipo.",
        "fr": "Je réponds en anglais. J'ai tout de même cherché avec vos mots ; si vous le souhaitez, un collègue peut prendre le relais.",
        "ar": "أجيب باللغة الإنجليزية. ومع ذلك فقد بحثت بالكلمات التي كتبتها، ويمكن لأحد زملائنا أن يساعدك إن أردت.",
        "bn": "আমি ইংরেজিতে উত্তর দিই। তবু আপনার লেখা শব্দগুলো দিয়ে খুঁজেছি; আপনি চাইলে আমাদের একজন সহকর্মী আপনাকে সাহায্য করতে পারেন।",
        "pt": "Respondo em inglês. Mesmo assim, pesquisei o que escreveu; se quiser, um colega pode continuar o atendimento.",
        "ru": "Я отвечаю по-английски. Поиск по вашим словам всё равно выполнен; если хотите, вам поможет наш сотрудник.",
        "ur": "میرے جوابات انگریزی میں ہوتے ہیں۔ پھر بھی میں نے آپ کے الفاظ سے تلاش کی ہے؛ آپ چاہیں تو ہمارے ایک ساتھی آپ کی "
        "مدد کر سکتے ہیں۔",
        "id": "Saya menjawab dalam bahasa Inggris. Saya tetap sudah mencari dengan kata-kata Anda; jika Anda mau, rekan kami "
        "dapat membantu.",
        "de": "Ich antworte auf Englisch. Ich habe trotzdem mit Ihren Worten gesucht; wenn Sie möchten, übernimmt jemand aus unserem Team.",
        "ja": "英語でお答えします。いただいた言葉でも検索しました。ご希望でしたら、担当者におつなぎします。",
        "it": "Rispondo in inglese. Ho comunque cercato con le sue parole; se lo desidera, può aiutarla una persona del nostro team.",
        "tr": "İngilizce yanıt veriyorum. Yine de yazdığınız kelimelerle arama yaptım; isterseniz bir çalışma arkadaşımız size "
        "yardımcı olabilir.",
        "ko": "영어로 답변드립니다. 그래도 적어 주신 말로 검색해 보았습니다. 원하시면 저희 직원이 도와드릴 수 있습니다.",
        "vi": "Tôi trả lời bằng tiếng Anh. Tôi vẫn đã tìm theo những từ bạn viết; nếu bạn muốn, đồng nghiệp của chúng tôi có "
        "thể hỗ trợ bạn.",
        "nl": "Ik antwoord in het Engels. Ik heb toch met uw woorden gezocht; als u wilt, kan een collega het overnemen.",
        "pl": "Odpowiadam po angielsku. Mimo to szukam według podanych słów; jeśli to wygodniejsze, pomoże ktoś z naszego zespołu.",
        "sv": "Jag svarar på engelska. Jag har ändå sökt på dina ord; om du vill kan en kollega ta över.",
    }
)


def answers_in_english(language: str) -> str:
    """One polite sentence in ``language`` (ISO 639-1) that says so, offering a colleague; empty for English and languages not listed."""
    return ANSWERS_IN_ENGLISH.get(language, "")
