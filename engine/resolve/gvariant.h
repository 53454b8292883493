/* GVariant's text format, as far as dconf keyfiles need it. */
#ifndef KJ_RESOLVE_GVARIANT_H
#define KJ_RESOLVE_GVARIANT_H

#include "base/buf.h"

/* Is it a value that g_variant_parse takes? *plain: for strings and numbers the bare text ("uint32 600" → 600, "'x'"
   → x), else the text as written. https://docs.gtk.org/glib/gvariant-text-format.html */
bool kj_gvariant_read(struct kj_arena *arena, kj_str text, kj_str *plain);

#endif
