#include "ic_png_failure.h"

#include <stdio.h>

void ic_png_fail(png_structp png, ic_status status, const char *message) {
    ic_png_failure *failure = png_get_error_ptr(png);
    failure->status = status;
    snprintf(failure->message, IC_MESSAGE_CAPACITY, "%s", message);
    png_longjmp(png, 1);
}

void ic_png_on_error(png_structp png, png_const_charp message) { ic_png_fail(png, IC_MALFORMED, message); }

void ic_png_on_warning(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

void ic_png_out_of_memory(ic_png_failure *failure) {
    failure->status = IC_OUT_OF_MEMORY;
    snprintf(failure->message, IC_MESSAGE_CAPACITY, "Out of memory");
}
