"""Which pages there are, and how a refusal becomes a sentence. Run by `beds dashboard` and `beds demo`."""

import streamlit as st

from dashboard.components import house_style, refusals_in_words

st.set_page_config(page_title="Beds", layout="wide")
house_style()
page = st.navigation(
    [
        st.Page("views/round.py", title="Round", default=True),
        st.Page("views/find_a_place.py", title="Find a place", url_path="find_a_place"),
        st.Page(
            "views/who_could_have_a_unit.py", title="Who could have a unit", url_path="who_could_have_a_unit"
        ),
    ],
    position="top",
)
with refusals_in_words(page.title):
    page.run()
