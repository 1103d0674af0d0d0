import Imaging
import VisionNet

/// What the file of a dream says about how it was made: the recipe, the model's weights and the program.
///
/// It stands in an XMP packet (ISO 16684-1), and the recipe in JPEG's and PNG's comment as well, where people find it
/// without a tool.
public struct DreamRecord: Equatable, Sendable {
    /// The recipe in canonical form.
    public let recipe: String
    /// The checksum of the model's weights, as the model's file has it; nil if it is not known.
    public let modelDigest: String?
    /// The program's name and version; nil if it is not known.
    public let program: String?

    public init(recipe: Recipe, model: VisionModel, program: String) {
        (self.recipe, modelDigest, self.program) = (recipe.canonical, model.metadata["checksum"], program)
    }

    /// What a file of a dream says. Programs that write pictures may keep the packet or the comment or neither.
    ///
    /// - Returns: nil if the file has no recipe.
    public init?(of file: [UInt8]) {
        let packet = PictureComment.xmp(of: file)
        if let recipe = packet.flatMap({ Self.value("recipe", of: Self.prefix, in: $0) }) {
            self.recipe = recipe
            modelDigest = packet.flatMap { Self.value("modelDigest", of: Self.prefix, in: $0) }
            program = packet.flatMap { Self.value("CreatorTool", of: "xmp", in: $0) }
        } else if let comment = PictureComment.text(of: file), comment.hasPrefix("model="),
            comment.utf8.count <= Recipe.longestText
        {
            (recipe, modelDigest, program) = (comment, nil, nil)
        } else {
            return nil
        }
    }

    private static let prefix = "deepdream"
    private static let namespace = "urn:deepdream-server:recipe:1"

    /// The XMP packet of a file.
    public var xmp: String {
        let properties = [
            ("xmp:CreatorTool", program), ("\(Self.prefix):recipe", recipe),
            ("\(Self.prefix):modelDigest", modelDigest),
        ]
        let attributes = properties.compactMap { name, value in value.map { "\(name)=\"\(XMLText.escaped($0))\"" } }
        return """
            <?xpacket begin="\u{FEFF}" id="W5M0MpCehiHzreSzNTczkc9d"?>
            <x:xmpmeta xmlns:x="adobe:ns:meta/">
            <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
            <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
            xmlns:\(Self.prefix)="\(Self.namespace)"
            \(attributes.joined(separator: "\n"))/>
            </rdf:RDF>
            </x:xmpmeta>
            <?xpacket end="r"?>
            """
    }

    /// A property's value in a packet, which other programs may have written anew, as elements instead of attributes.
    private static func value(_ name: String, of prefix: String, in packet: String) -> String? {
        for (start, end) in [("\(prefix):\(name)=\"", "\""), ("<\(prefix):\(name)>", "</\(prefix):\(name)>")] {
            guard let first = packet.firstRange(of: start)?.upperBound,
                let last = packet[first...].firstRange(of: end)?.lowerBound,
                packet.utf8.distance(from: first, to: last) <= Recipe.longestText
            else { continue }
            return XMLText.unescaped(packet[first..<last])
        }
        return nil
    }
}
