#include "ic_jpeg_failure.h"

#include <jerror.h>

_Static_assert(IC_MESSAGE_CAPACITY >= JMSG_LENGTH_MAX, "libjpeg writes up to JMSG_LENGTH_MAX bytes of message");

static ic_status status_of(int code) {
    switch (code) {
        case JERR_OUT_OF_MEMORY:
        case JERR_NO_BACKING_STORE:
            return IC_OUT_OF_MEMORY;
        case JERR_IMAGE_TOO_BIG:
            return IC_TOO_LARGE;
        case JERR_ARITH_NOTIMPL:
        case JERR_BAD_PRECISION:
        case JERR_CCIR601_NOTIMPL:
        case JERR_COMPONENT_COUNT:
        case JERR_CONVERSION_NOTIMPL:
        case JERR_FRACT_SAMPLE_NOTIMPL:
        case JERR_NOTIMPL:
        case JERR_SOF_UNSUPPORTED:
            return IC_UNSUPPORTED;
        default:
            return IC_MALFORMED;
    }
}

void ic_jpeg_leave(ic_jpeg_failure *failure, ic_status status, const char *message) {
    failure->status = status;
    snprintf(failure->message, IC_MESSAGE_CAPACITY, "%s", message);
    longjmp(failure->escape, 1);
}

static void fail(j_common_ptr jpeg) {
    ic_jpeg_failure *failure = (ic_jpeg_failure *)jpeg->err;
    failure->status = status_of(failure->manager.msg_code);
    failure->manager.format_message(jpeg, failure->message);
    longjmp(failure->escape, 1);
}

// Where libjpeg cannot read pixels, it makes some up and only warns. These warnings are treated as errors. The others
// are harmless: padding before a marker, an unknown JFIF version, an odd order of progressive scans.
static int loses_pixels(int code) {
    switch (code) {
        case JWRN_ARITH_BAD_CODE:
        case JWRN_HIT_MARKER:
        case JWRN_HUFF_BAD_CODE:
        case JWRN_MUST_RESYNC:
        case JWRN_NOT_SEQUENTIAL:
            return 1;
        default:
            return 0;
    }
}

static void check_warning(j_common_ptr jpeg, int level) {
    if (level >= 0 || !loses_pixels(jpeg->err->msg_code)) return;
    ic_jpeg_failure *failure = (ic_jpeg_failure *)jpeg->err;
    if (!failure->accepts_damage) fail(jpeg);
    failure->warnings++;
}

static void print_nothing(j_common_ptr jpeg) { (void)jpeg; }

struct jpeg_error_mgr *ic_jpeg_failure_prepare(ic_jpeg_failure *failure, char *message) {
    failure->status = IC_OK;
    failure->message = message;
    struct jpeg_error_mgr *manager = jpeg_std_error(&failure->manager);
    manager->error_exit = fail;
    manager->emit_message = check_warning;
    manager->output_message = print_nothing;
    return manager;
}
