#include <lcms2.h>
#include <stdio.h>
#include <stdlib.h>

#include "ic_header.h"

struct ic_colour {
    cmsContext context;
    cmsHTRANSFORM transform;
};

static void report(cmsContext context, cmsUInt32Number code, const char *text) {
    (void)code;
    char *message = cmsGetContextUserData(context);
    if (message != NULL && message[0] == 0) snprintf(message, IC_MESSAGE_CAPACITY, "%s", text);
}

// The layout's colours as lcms names them; zeros for 0 channels mean that there are none.
static cmsUInt32Number input_format(ic_layout layout, int depth) {
    cmsUInt32Number bytes = BYTES_SH(depth / 8);
    switch (layout) {
        case IC_GREY:
            return bytes | COLORSPACE_SH(PT_GRAY) | CHANNELS_SH(1);
        case IC_GREY_ALPHA:
            return bytes | COLORSPACE_SH(PT_GRAY) | CHANNELS_SH(1) | EXTRA_SH(1);
        case IC_RGB:
            return bytes | COLORSPACE_SH(PT_RGB) | CHANNELS_SH(3);
        case IC_RGBA:
            return bytes | COLORSPACE_SH(PT_RGB) | CHANNELS_SH(3) | EXTRA_SH(1);
        case IC_CMYK:
            return bytes | COLORSPACE_SH(PT_CMYK) | CHANNELS_SH(4) | FLAVOR_SH(1); // 255 is no ink
    }
    return 0;
}

static cmsColorSpaceSignature signature(ic_layout layout) {
    switch (layout) {
        case IC_GREY:
        case IC_GREY_ALPHA:
            return cmsSigGrayData;
        case IC_CMYK:
            return cmsSigCmykData;
        default:
            return cmsSigRgbData;
    }
}

// Takes over the profiles and the context.
static ic_colour *make(cmsContext context, cmsHPROFILE source, cmsHPROFILE target, ic_layout layout, int depth,
                       char *message) {
    ic_colour *colour = NULL;
    if (source != NULL && target != NULL && cmsGetColorSpace(source) != signature(layout)) {
        ic_failure(IC_UNSUPPORTED, message, "it is not for the picture's kind of colours");
    } else if (source != NULL && target != NULL) {
        cmsUInt32Number output = BYTES_SH(depth / 8) | COLORSPACE_SH(PT_RGB) | CHANNELS_SH(3);
        // For 16 bits lcms would make a coarse table.
        cmsUInt32Number flags = cmsFLAGS_NOCACHE | (depth == 16 && layout != IC_CMYK ? cmsFLAGS_NOOPTIMIZE : 0);
        cmsHTRANSFORM transform = cmsCreateTransformTHR(context, source, input_format(layout, depth), target, output,
                                                        INTENT_PERCEPTUAL, flags);
        if (transform != NULL) colour = malloc(sizeof *colour);
        if (colour != NULL) {
            *colour = (ic_colour){context, transform};
        } else if (transform != NULL) {
            cmsDeleteTransform(transform);
        }
    }
    if (source != NULL) cmsCloseProfile(source);
    if (target != NULL) cmsCloseProfile(target);
    if (colour == NULL) {
        if (message[0] == 0) ic_failure(IC_MALFORMED, message, "it is not a valid profile");
        cmsDeleteContext(context);
    } else {
        cmsSetLogErrorHandlerTHR(context, NULL); // the message does not outlive this call
    }
    return colour;
}

static cmsContext make_context(char *message) {
    message[0] = 0;
    cmsContext context = cmsCreateContext(NULL, message);
    if (context != NULL) cmsSetLogErrorHandlerTHR(context, report);
    return context;
}

ic_colour *ic_colour_from_icc(const void *icc, size_t count, ic_layout layout, int depth, char *message) {
    cmsContext context = make_context(message);
    if (context == NULL) {
        ic_failure(IC_OUT_OF_MEMORY, message, "Out of memory");
        return NULL;
    }
    cmsHPROFILE source = cmsOpenProfileFromMemTHR(context, icc, (cmsUInt32Number)count);
    return make(context, source, cmsCreate_sRGBProfileTHR(context), layout, depth, message);
}

static const double srgb_parameters[] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};

static cmsToneCurve *curve(cmsContext context, double gamma) {
    if (gamma == 0) return cmsBuildParametricToneCurve(context, 4, srgb_parameters);
    return cmsBuildGamma(context, gamma);
}

static cmsHPROFILE profile(cmsContext context, const double *xy, double gamma) {
    cmsToneCurve *tone = curve(context, gamma);
    if (tone == NULL) return NULL;
    cmsCIExyY white = {xy[0], xy[1], 1};
    cmsCIExyYTRIPLE primaries = {{xy[2], xy[3], 1}, {xy[4], xy[5], 1}, {xy[6], xy[7], 1}};
    cmsToneCurve *tones[] = {tone, tone, tone};
    cmsHPROFILE profile = cmsCreateRGBProfileTHR(context, &white, &primaries, tones);
    cmsFreeToneCurve(tone);
    return profile;
}

ic_colour *ic_colour_from_primaries(const double chromaticities[8], double gamma, int to_power, ic_layout layout,
                                    int depth, char *message) {
    static const double srgb[] = {0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06};
    cmsContext context = make_context(message);
    if (context == NULL) {
        ic_failure(IC_OUT_OF_MEMORY, message, "Out of memory");
        return NULL;
    }
    cmsHPROFILE source = profile(context, chromaticities, gamma);
    cmsHPROFILE target = profile(context, srgb, to_power ? 2.2 : 0);
    return make(context, source, target, layout, depth, message);
}

void ic_colour_convert(ic_colour *colour, const void *pixels, void *rgb, size_t count) {
    cmsDoTransform(colour->transform, pixels, rgb, (cmsUInt32Number)count);
}

void ic_colour_free(ic_colour *colour) {
    if (colour == NULL) return;
    cmsDeleteTransform(colour->transform);
    cmsDeleteContext(colour->context);
    free(colour);
}
