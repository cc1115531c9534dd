from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from chatrec.domain.item import Attribute, Variant
from chatrec.errors import MissingColumn, RejectedRows, SettingsError


def reasons(rows: Any) -> list[tuple[int, str, str, str]]:
    return [(r.line, r.column, r.reason, r.lost) for r in rows.rejects.kept]


def accounted(rows: Any) -> bool:
    return rows.read == len(rows.items) + rows.variant_rows + rows.merged + rows.rejects.lost("row")


def test_the_plain_columns(items_of: Any) -> None:
    text = (
        "item_id,title,description,category,brand,price,currency,rating,n_ratings,stock,image,url\n"
        "k1,Kettle,Boils two litres.,Kitchen > Kettles,Acme,19.90,EUR,4.5,12,3,k1.jpg,https://shop.example/k1\n"
    )
    (item,) = items_of(text).items
    assert (item.item_id, item.title, item.category, item.category_path) == ("k1", "Kettle", "Kettles", ("Kitchen", "Kettles"))
    assert (item.price, item.currency, item.rating, item.n_ratings, item.stock) == (Decimal("19.90"), "EUR", 4.5, 12, 3)
    assert (item.image, item.url) == ("k1.jpg", "https://shop.example/k1")


@pytest.mark.parametrize(
    "header", ["id,name", "uniq_id,product_name", "objectID,Name", "SKU,Product Title", "asin,title", "Product ID,Item Name"]
)
def test_usual_names_need_no_mapping(items_of: Any, header: str) -> None:
    (item,) = items_of(f"{header}\nx1,Kettle\n").items
    assert (item.item_id, item.title) == ("x1", "Kettle")


@pytest.mark.parametrize(
    ("text", "says"),
    [("title,price\na,1\n", "'item_id'.*title, price"), ("item_id,price\na,1\n", "'title'"), ("foo;bar\n1;2\n", "foo, bar")],
)
def test_missing_columns_are_named_with_those_that_are_there(items_of: Any, text: str, says: str) -> None:
    with pytest.raises(MissingColumn, match=says):
        items_of(text)


def test_missing_id_and_title_reject_the_row(items_of: Any) -> None:
    rows = items_of("item_id,title\n,Nameless\nk2,\nk3,nan\nk4,Fine\n")
    assert [i.item_id for i in rows.items] == ["k4"]
    assert reasons(rows) == [
        (2, "item_id", "item id missing", "row"),
        (3, "title", "title missing", "row"),
        (4, "title", "title missing", "row"),
    ]
    assert accounted(rows)


def test_identical_duplicates_are_merged_and_conflicting_ones_rejected(items_of: Any) -> None:
    rows = items_of("item_id,title,price\nk1,Kettle,10\nk1,Kettle,10.00\nk1,Kettle,12\nk2,Mug,5\n")
    assert [(i.item_id, i.price) for i in rows.items] == [("k1", Decimal("10.00")), ("k2", Decimal("5.00"))]
    assert rows.merged == 1
    assert reasons(rows) == [(4, "item_id", "the id of an earlier row that says something else", "row")]
    assert accounted(rows)


@pytest.mark.parametrize("price", ["-5", "NaN", "inf", "0", "1e30", "call us", "99999999999999"])
def test_an_unusable_price_costs_the_price_and_is_reported(items_of: Any, price: str) -> None:
    rows = items_of(f"item_id,title,price\nk1,Kettle,{price}\n")
    assert [(i.item_id, i.price) for i in rows.items] == [("k1", None)]
    ((line, column, _, lost),) = reasons(rows)
    assert (line, column, lost) == (2, "price", "field")
    assert rows.rejects.kept[0].value == price


def test_a_shop_can_choose_to_leave_such_items_out(items_of: Any) -> None:
    rows = items_of("item_id,title,price\nk1,Kettle,-5\nk2,Mug,5\n", bad_price="reject")
    assert [i.item_id for i in rows.items] == ["k2"]
    assert accounted(rows)


def test_other_unusable_fields_are_dropped_alone(items_of: Any) -> None:
    text = "item_id,title,rating,n_ratings,stock,url,image\nk1,Kettle,11,-2,2.5,javascript:alert(1),data:image/png;base64,\n"
    rows = items_of(text.replace(";base64,", "\x3bbase64"))
    (item,) = rows.items
    assert (item.rating, item.n_ratings, item.stock, item.url, item.image) == (None, None, None, "", "")
    assert {c for _, c, _, _ in reasons(rows)} == {"rating", "n_ratings", "stock", "url", "image"}
    assert all(lost == "field" for *_, lost in reasons(rows))


def test_blanks_in_words_are_no_faults(items_of: Any) -> None:
    rows = items_of("item_id,title,price,rating,stock\nk1,Kettle,N/A,No rating available,-\n")
    assert (rows.items[0].price, rows.items[0].rating, rows.items[0].stock) == (None, None, None)
    assert reasons(rows) == []


def test_stock_in_words(items_of: Any) -> None:
    rows = items_of("item_id,title,availability\nk1,a,out of stock\nk2,b,in stock\n")
    assert [i.stock for i in rows.items] == [0, None]
    assert "values.stock" in reasons(rows)[0][2]
    assert [i.stock for i in items_of("item_id,title,availability\nk2,b,in stock\n", values={"stock": {"in stock": 25}}).items] == [25]


def test_overlong_values_are_cut_and_counted(items_of: Any) -> None:
    rows = items_of([{"item_id": "k1", "title": "word " * 200, "description": "x" * 50_000, "note": "n" * 900}], "i.jsonl")
    (item,) = rows.items
    assert (len(item.title), len(item.description), len(item.attributes[0].values[0])) == (499, 20_000, 500)
    assert [(c, lost) for _, c, _, lost in reasons(rows)] == [("title", "part"), ("description", "part"), ("note", "part")]


def test_strict_stops_at_the_first_lost_row_or_field(items_of: Any) -> None:
    with pytest.raises(RejectedRows, match=r"items\.csv, line 3, column 'price': a negative price \(value: '-1'\)"):
        items_of("item_id,title,price\nk1,a,1\nk2,b,-1\n", strict=True)
    assert len(items_of([{"item_id": 1, "title": "w " * 900}], "i.jsonl", strict=True).items) == 1


def test_columns_become_typed_attributes(items_of: Any) -> None:
    text = "item_id,title,weight_g,comfort_temperature_c,waterproof,colour,pockets,model\nk1,Tent,950,-5,true,Moss Green,3,00178\nk2,Bag,1200,0,no,Red|Blue,2,00179\n"
    first, second = items_of(text).items
    assert first.attributes == (
        Attribute("weight", ("950",), 950.0, "g"), Attribute("comfort temperature", ("-5",), -5.0, "C"), Attribute("waterproof", ("yes",)),
        Attribute("colour", ("moss green",)), Attribute("pockets", ("3",), 3.0), Attribute("model", ("00178",)),
    )  # fmt: skip
    assert second.attribute("colour") == Attribute("colour", ("red", "blue"))
    assert second.attribute("waterproof") == Attribute("waterproof", ("no",))


def test_two_units_of_one_property_keep_their_names(items_of: Any) -> None:
    (item,) = items_of("item_id,title,weight_g,weight_kg\nk1,Tent,950,0.95\n").items
    assert [(a.name, a.number, a.unit) for a in item.attributes] == [("weight g", 950.0, "g"), ("weight kg", 0.95, "kg")]


def test_a_unit_word_is_only_a_unit_on_numbers(items_of: Any) -> None:
    (item,) = items_of("item_id,title,carry_in,size_m\nk1,Tent,yes,large\n").items
    assert [(a.name, a.values) for a in item.attributes] == [("carry in", ("yes",)), ("size m", ("large",))]


def test_measures_in_words_are_brought_to_one_unit(items_of: Any) -> None:
    rows = items_of("item_id,title,Weight\nk1,a,950 g\nk2,b,1.2 kg\nk3,c,400 gm\n")
    assert [(a.values[0], a.number, a.unit) for i in rows.items for a in i.attributes] == [
        ("950 g", 950.0, "g"),
        ("1.2 kg", 1200.0, "g"),
        ("400 gm", 400.0, "g"),
    ]


def test_lists_in_commas_are_split_only_where_the_parts_recur(items_of: Any) -> None:
    text = 'item_id,title,occasion,care\n1,a,"casual, party","wash cold, by hand"\n2,b,party,"never, ever iron"\n3,c,"party, casual",none\n4,d,casual,"keep dry, always"\n'
    first = items_of(text).items[0]
    assert first.attribute("occasion").values == ("casual", "party")
    assert first.attribute("care").values == ("wash cold, by hand",)


def test_nested_specifications(items_of: Any) -> None:
    specs = '{"spec"=>[{"key"=>"Fabric", "value"=>"Cotton"}, {"key"=>"Brand", "value"=>"Acme"}, {"value"=>"Two pockets"}]}'
    (item,) = items_of([{"id": 1, "name": "Shirt", "specs": specs, "dims": {"Width": 12, "height": {"top": "5"}}}], "i.jsonl").items
    assert item.brand == "Acme"
    assert {a.name: a.values for a in item.attributes} == {
        "fabric": ("cotton",),
        "features": ("two pockets",),
        "width": ("12",),
        "top": ("5",),
    }


def test_what_a_shopper_should_not_hear_is_left_out_and_said(items_of: Any) -> None:
    rows = items_of("item_id,title,price,cost_price,retail_price,created_at,sku\n1,a,5,2,9,2020,x\n")
    assert rows.items[0].attributes == ()
    assert set(rows.columns.left_out) == {"cost_price", "retail_price", "created_at", "sku"}


def test_variants_by_row(items_of: Any) -> None:
    text = "item_id,title,variant_of,size,colour,price,stock\nt1,Shirt,,,,20,\nt1-s,,t1,S,Red,,2\nt1-m,,t1,M,Red,22,3\nx1,,nowhere,S,,,\n"
    rows = items_of(text)
    (item,) = rows.items
    assert item.variants == (
        Variant("t1-s", (("size", "S"), ("colour", "Red")), None, 2), Variant("t1-m", (("size", "M"), ("colour", "Red")), Decimal("22.00"), 3)
    )  # fmt: skip
    assert (item.stock, item.price, item.attributes) == (5, Decimal("20.00"), ())
    assert [(line, lost) for line, _, _, lost in reasons(rows)] == [(5, "row")]
    assert accounted(rows)


def test_variants_that_share_only_a_group(items_of: Any) -> None:
    text = "id,title,item_group_id,size,price\na,Shirt,g,S,5\nb,Shirt,g,M,4\n"
    (item,) = items_of(text, orphans="group").items
    assert (item.item_id, item.price, item.options()) == ("g", Decimal("4.00"), {"size": ("S", "M")})
    assert items_of(text).items == []


def test_options_and_variant_lists_inside_a_record(items_of: Any) -> None:
    rows = items_of(
        [
            {"item_id": "o", "title": "Sock", "price": 4, "options": {"size": ["S", "M"], "colour": ["red"]}},
            {
                "item_id": "v",
                "title": "Hat",
                "variants": [{"sku": "v1", "price": "9.50", "stock": 1, "size": "L"}, {"sku": "v2", "price": -1}],
            },
        ],
        "i.jsonl",
    )
    sock, hat = rows.items
    assert sock.options() == {"size": ("S", "M"), "colour": ("red",)}
    assert hat.variants == (Variant("v1", (("size", "L"),), Decimal("9.50"), 1),)
    assert hat.price == Decimal("9.50")
    assert [lost for *_, lost in reasons(rows)] == ["field"]


def test_ids_from_keys_places_and_columns(items_of: Any) -> None:
    assert [i.item_id for i in items_of('{"k": {"title": "a"}, "7": {"title": "b"}}', "i.json").items] == ["k", "7"]
    assert [i.item_id for i in items_of("title\na\nb\n", id_from="position").items] == ["1", "2"]
    first = items_of("title,sort\na,1\nb,2\n", id_from=["title"]).items
    again = items_of("title,sort\nb,2\na,9\n", id_from=["title"]).items
    assert {i.title: i.item_id for i in first} == {i.title: i.item_id for i in again}


def test_categories_that_repeat_the_title_or_the_brand_are_no_categories(items_of: Any) -> None:
    text = "id,title,brand,category\n1,Acme Long Winter Sweater,Acme,Clothes > Sweaters > Acme Sweaters > Acme Long Winter Sweater\n2,Other Sweater,Bolt,Clothes > Sweaters\n"
    assert [i.category_path for i in items_of(text).items] == [("Clothes", "Sweaters"), ("Clothes", "Sweaters")]


def test_a_mapping_renames_drops_and_translates(items_of: Any) -> None:
    rows = items_of(
        'nr,was,preis,geschlecht,intern\n1,Zelt,"1.299,00",D,x\n',
        columns={"nr": "item_id", "was": "title", "preis": "price", "geschlecht": "attribute:gender", "intern": "ignore"},
        values={"geschlecht": {"D": "women"}},
        constants={"currency": "EUR"},
        decimal=",",
    )
    (item,) = rows.items
    assert (item.title, item.price, item.currency, item.attributes) == (
        "Zelt",
        Decimal("1299.00"),
        "EUR",
        (Attribute("gender", ("women",)),),
    )


@pytest.mark.parametrize(
    ("columns", "says"),
    [({"nope": "title"}, "names the column 'nope'"), ({"a": "titel"}, "which is no field"), ({"a": "title", "b": "title"}, "two columns")],
)
def test_a_mapping_that_does_not_fit(items_of: Any, columns: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        items_of("a,b\n1,2\n", columns=columns)


def test_the_shops_currency_stands_where_the_record_names_none(items_of: Any) -> None:
    items = items_of("item_id,title,price\n1,a,5\n2,b,€7\n3,c,\n", currency="CHF").items
    assert [i.currency for i in items] == ["CHF", "EUR", ""]
