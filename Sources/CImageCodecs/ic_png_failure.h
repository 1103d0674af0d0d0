// Turns libpng's errors into a status and a message, for the decoder and the encoder.
#ifndef IC_PNG_FAILURE_H
#define IC_PNG_FAILURE_H

#include <png.h>

#include "image_codecs.h"

typedef struct ic_png_failure {
    ic_status status;
    char *message;
    char warning[IC_MESSAGE_CAPACITY]; // the first of libpng's, or empty
} ic_png_failure;

// Records status and message, then leaves by longjmp to where png_jmpbuf was set.
PNG_NORETURN void ic_png_fail(png_structp png, ic_status status, const char *message);

// The callbacks of png_create_*_struct; its error_ptr is the ic_png_failure.
PNG_NORETURN void ic_png_on_error(png_structp png, png_const_charp message);
void ic_png_on_warning(png_structp png, png_const_charp message);

// Records that libpng could not allocate its structs.
void ic_png_out_of_memory(ic_png_failure *failure);

#endif
