/* GVariant, as dconf needs it: its text format, its types, its serialised form
   (https://docs.gtk.org/glib/gvariant-text-format.html, gvariant-specification). */
#ifndef KJ_RESOLVE_GVARIANT_H
#define KJ_RESOLVE_GVARIANT_H

#include "base/buf.h"

#include <stdint.h>

struct kj_gvariant {
	kj_str type; /* "u", "as" */
	kj_str plain; /* as g_variant_print writes it without types; a string at the top bare: uint32 0600 is 384, 'x' is x */
};

/* Is it a value that g_variant_parse takes without being told a type? *why (a constant) when not. */
bool kj_gvariant_read(struct kj_arena *arena, kj_str text, struct kj_gvariant *out, const char **why);

/* A serialised variant (type "v", little endian): the value in it. False when it is none. */
bool kj_gvariant_decode(struct kj_arena *arena, kj_str bytes, struct kj_gvariant *out);

/* A value's type by a word of the text format (uint32, boolean …) or a type string. */
kj_str kj_gvariant_type(kj_str word);

/* One complete type at the start of a type string: its length, 0 when there is none. */
size_t kj_gvariant_type_length(kj_str type);

/* Appends a string in the quotes of the text format. */
void kj_gvariant_quote(struct kj_buf *buf, kj_str s);
/* Appends a double as g_variant_print does. */
void kj_gvariant_put_double(struct kj_buf *buf, double value);

#endif
