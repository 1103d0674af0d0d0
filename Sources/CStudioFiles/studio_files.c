#include "studio_files.h"

// #embed is C23. clang accepts it in older modes too, but warns.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t index_html[] = {
#embed "../Studio/page/index.html"
};
static const uint8_t api_js[] = {
#embed "../Studio/page/api.js"
};
static const uint8_t app_js[] = {
#embed "../Studio/page/app.js"
};
static const uint8_t brush_js[] = {
#embed "../Studio/page/brush.js"
};
static const uint8_t controls_js[] = {
#embed "../Studio/page/controls.js"
};
static const uint8_t evolve_js[] = {
#embed "../Studio/page/evolve.js"
};
static const uint8_t icon_svg[] = {
#embed "../Studio/page/icon.svg"
};
static const uint8_t live_js[] = {
#embed "../Studio/page/live.js"
};
static const uint8_t photo_js[] = {
#embed "../Studio/page/photo.js"
};
static const uint8_t recipe_js[] = {
#embed "../Studio/page/recipe.js"
};
static const uint8_t sample_jpg[] = {
#embed "../Studio/page/sample.jpg"
};
static const uint8_t see_js[] = {
#embed "../Studio/page/see.js"
};
static const uint8_t strings_js[] = {
#embed "../Studio/page/strings.js"
};
static const uint8_t strings_de_js[] = {
#embed "../Studio/page/strings/de.js"
};
static const uint8_t strings_en_js[] = {
#embed "../Studio/page/strings/en.js"
};
static const uint8_t strings_zh_js[] = {
#embed "../Studio/page/strings/zh.js"
};
static const uint8_t studio_css[] = {
#embed "../Studio/page/studio.css"
};
static const uint8_t tiles_jpg[] = {
#embed "../Studio/page/tiles.jpg"
};
static const uint8_t viewer_js[] = {
#embed "../Studio/page/viewer.js"
};

#define FILE_AT(path, bytes)                                                                                           \
    { path, bytes, sizeof(bytes) }

static const studio_file files[] = {
    FILE_AT("index.html", index_html),
    FILE_AT("api.js", api_js),
    FILE_AT("app.js", app_js),
    FILE_AT("brush.js", brush_js),
    FILE_AT("controls.js", controls_js),
    FILE_AT("evolve.js", evolve_js),
    FILE_AT("icon.svg", icon_svg),
    FILE_AT("live.js", live_js),
    FILE_AT("photo.js", photo_js),
    FILE_AT("recipe.js", recipe_js),
    FILE_AT("sample.jpg", sample_jpg),
    FILE_AT("see.js", see_js),
    FILE_AT("strings.js", strings_js),
    FILE_AT("strings/de.js", strings_de_js),
    FILE_AT("strings/en.js", strings_en_js),
    FILE_AT("strings/zh.js", strings_zh_js),
    FILE_AT("studio.css", studio_css),
    FILE_AT("tiles.jpg", tiles_jpg),
    FILE_AT("viewer.js", viewer_js),
};

const studio_file *studio_files(void) { return files; }
size_t studio_file_count(void) { return sizeof files / sizeof files[0]; }
