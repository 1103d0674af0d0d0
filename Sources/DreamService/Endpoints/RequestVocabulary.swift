import DeepDream

/// The names that a kind of request knows.
struct RequestVocabulary: Sendable {
    /// The fields that are files.
    let files: [String]
    /// All other fields.
    let fields: [String]
    /// Those of them that can also be files.
    let mixed: [String]
    /// The member of a JSON request that has the other fields; nil if they stand beside the files.
    let jsonMember: String?
    /// Those of the other fields that stand beside that member.
    let besideJSONMember: [String]

    /// `POST /deepdream` and `POST /jobs`.
    static let dream = RequestVocabulary(
        files: ["image", "mask", "guide"], fields: Recipe.fieldNames + ["recipe", "callback"],
        mixed: ["recipe"], jsonMember: "recipe", besideJSONMember: ["callback"])
    /// `POST /activations`.
    static let sight = RequestVocabulary(
        files: ["image"], fields: ["model"] + SightQuestion.fieldNames, mixed: [], jsonMember: nil,
        besideJSONMember: [])

    /// What a JSON request looks like, for messages.
    var jsonExample: String {
        jsonMember == nil
            ? #"{"image": "base64", "layer": "e11"}"# : #"{"image": "base64", "recipe": {"steps": 10}}"#
    }
}
