#include "model/ref.h"

#include "base/scan.h"

bool ref_is_valid(struct span text)
{
    if (text.len == 0 || text.len > REF_MAX_BYTES || !scan_is_utf8(text) ||
        scan_has_control(text))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == ' ' || text.ptr[i] == '/')
            return false;
    }
    return text.ptr[0] != '@' && text.ptr[0] != '#' && text.ptr[0] != '?';
}

enum ref_cell ref_read_cell(struct span cell, struct ref_use *out)
{
    if (cell.len == 0 || cell.ptr[0] != '@')
        return REF_CELL_TEXT;
    if (cell.len > 1 && cell.ptr[1] == '@')
        return REF_CELL_QUOTED;
    struct span ref = {cell.ptr + 1, cell.len - 1};
    const char *slash = ref.len ? memchr(ref.ptr, '/', ref.len) : NULL;
    struct span pointer = {ref.ptr + ref.len, 0};
    if (slash) {
        pointer = (struct span){slash, ref.len - (size_t)(slash - ref.ptr)};
        ref.len = (size_t)(slash - ref.ptr);
    }
    if (!ref_is_valid(ref) || pointer.len == 1)
        return REF_CELL_WRONG;
    *out = (struct ref_use){ref, pointer};
    return REF_CELL_USE;
}

enum ref_actor ref_read_actor(struct span cell, struct span *ref_or_id)
{
    struct span rest = {cell.ptr + 1, cell.len ? cell.len - 1 : 0};
    if (cell.len && cell.ptr[0] == '#') {
        *ref_or_id = rest;
        bool plain = scan_is_digits(rest) && rest.len <= 18 && rest.ptr[0] != '0';
        return plain ? REF_ACTOR_ID : REF_ACTOR_WRONG;
    }
    *ref_or_id = cell.len && cell.ptr[0] == '@' ? rest : cell;
    return ref_is_valid(*ref_or_id) ? REF_ACTOR_JOB : REF_ACTOR_WRONG;
}
