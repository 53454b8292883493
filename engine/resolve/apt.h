/* What the sources around apt share. */
#ifndef KJ_RESOLVE_APT_H
#define KJ_RESOLVE_APT_H

#include "base/str.h"

/* Does apt read a file of that name in one of its folders? GetListOfFilesInDir (apt-pkg/contrib/fileutl.cc): letters,
   digits, "_-:.", no "." at an end; with this ending. apt.conf.d takes names without any, too. */
bool kj_apt_takes_name(kj_str path, kj_str ending);

/* A text without the passwords of addresses in it: https://user:[redacted]@host/. */
kj_str kj_without_passwords(struct kj_arena *arena, kj_str text);

#endif
