"""A gallery of a catalog's messages, as a page that is served on this machine or opened from disk.

    element → markup → phone → card → page → app

`element` is the only way to HTML, so that no text becomes markup; `markup` knows what WhatsApp makes of `*bold*`;
`phone` draws a payload as a phone shows it; `card` adds what msgc knows of the definition; `page` is the whole site.
`app` serves it and is the only door for Starlette here, an extra: `pip install 'msgc[preview]'`.
"""
