import DeepDream
import HTTPServer

/// `GET /`: a form for people in a browser, made of nothing but HTML.
enum IndexPage {
    static func response(catalog: ModelCatalog) -> Response {
        Response(
            status: 200,
            headers: [
                "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store",
                "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
            ],
            body: [UInt8](html(catalog: catalog).utf8))
    }

    private static func html(catalog: ModelCatalog) -> String {
        func options(_ values: [String]) -> String {
            values.map { "<option>\(escaped($0))</option>" }.joined()
        }
        let models = options(catalog.entries.map(\.name))
        let presets = options(Preset.allCases.map(\.rawValue))
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>DeepDream</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <style>body{font:1.1em/1.6 sans-serif;max-width:34em;margin:3em auto;padding:0 1em}label{display:block;\
            margin:.6em 0}input,select,button{font:inherit}code{background:#eee;padding:.1em .3em}</style></head>
            <body><h1>DeepDream</h1>
            <form action="/deepdream" method="post" enctype="multipart/form-data">
            <label>Photo <input type="file" name="image" accept="image/jpeg,image/png" required></label>
            <label>Model <select name="model">\(models)</select></label>
            <label>Preset <select name="preset">\(presets)</select></label>
            <label>Seed <input type="number" name="seed" value="0" min="0" required></label>
            <button>Dream</button></form>
            <p>A dream takes some seconds.
            <p>From a terminal: <code>curl -F image=@photo.jpg http://HOST/deepdream -o dream.jpg</code>.
            Layers and recipes: <a href="/models">/models</a>; state: <a href="/readyz">/readyz</a>.
            </body></html>

            """
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
        return result
    }
}
