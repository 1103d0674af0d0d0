import DeepDream
import HTTPServer
import Imaging
import VisionNet

/// The page at `GET /`, plain HTML with two forms: for a dream by model and preset, and for a dream by a single layer
/// or motif. Its links are relative, so that it works under a prefix too.
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
        let types = ImageFormat.readable.map(\.mediaType).joined(separator: ",")
        let photo = """
            <label>Photo <input type="file" name="image" accept="\(types)" required></label>
            """
        let models = options(catalog.entries.map(\.name))
        let presets = options(Preset.all.map(\.name))
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>DeepDream</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <style>body{font:1.1em/1.6 sans-serif;max-width:34em;margin:3em auto;padding:0 1em}label{display:block;\
            margin:.6em 0}input,select,button{font:inherit}code{background:#eee;padding:.1em .3em}</style></head>
            <body><h1>DeepDream</h1>
            <form action="deepdream" method="post" enctype="multipart/form-data">
            \(photo)
            <label>Model <select name="model">\(models)</select></label>
            <label>Preset <select name="preset">\(presets)</select></label>
            <label>Seed <input type="number" name="seed" value="0" min="0" required></label>
            <button>Dream</button></form>
            <h2>One layer, one motif</h2>
            <form action="deepdream" method="post" enctype="multipart/form-data">
            \(photo)
            <label>Look for <select name="layers">\(layers(of: catalog.defaultEntry.model))</select></label>
            <button>Dream</button></form>
            <p>A dream takes a few seconds.
            <p>From a terminal: <code>curl -F image=@photo.jpg http://HOST/deepdream -o dream.jpg</code>.
            Models, layers and recipes: <a href="models">/models</a>. Queue: <a href="readyz">/readyz</a>.
            </body></html>

            """
    }

    private static func options(_ values: [String]) -> String {
        values.map { "<option>\(escaped($0))</option>" }.joined()
    }

    /// Options for a model's layers and its named channels.
    private static func layers(of model: VisionModel) -> String {
        let motifs = model.layers.map { layer in
            let names = layer.channelNames?.channels.keys.sorted() ?? []
            let options = names.map { name in
                "<option value=\"\(escaped("\(layer.name)[\(name)]"))\">\(escaped(name))</option>"
            }
            return names.isEmpty ? "" : "<optgroup label=\"Motifs\">\(options.joined())</optgroup>"
        }
        return "<optgroup label=\"Layers\">\(options(model.layers.map(\.name)))</optgroup>" + motifs.joined()
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
