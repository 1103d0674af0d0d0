import Foundation
import ModelLibrary
import Testing
import VisionNet

/// State dictionaries as people have them, of every network.
@Suite("Networks in state dictionaries", .timeLimit(.minutes(5)))
struct PyTorchWeightsTests {
    static let networks = Network.all.filter { $0.pyTorchNames != nil }.map(\.name)

    /// For each network, the shape of each tensor of its published state dictionary.
    let published: [String: [String: [Int]]]

    init() throws {
        let file = Data(try Fixtures.bytes("pytorch_tensors.json"))
        published = try JSONDecoder().decode([String: [String: [Int]]].self, from: file)
    }

    /// How a state dictionary lies in its file.
    enum Form: String, CaseIterable {
        case plain, module, compiled, lightning, average
        case model, modelStateDictionary, movingAverage

        /// The dictionary's key in the file; nil where it is the file.
        var wrapper: String? {
            switch self {
            case .plain, .module, .compiled: nil
            case .lightning: "state_dict"
            case .average: "model_ema"
            case .model: "model"
            case .modelStateDictionary: "model_state_dict"
            case .movingAverage: "ema"
            }
        }

        var prefix: String {
            switch self {
            case .module, .average: "module."
            case .compiled: "_orig_mod.module."
            case .lightning: "model."
            default: ""
            }
        }
    }

    /// VGG's classifier has 100 million numbers, and no network here needs it.
    private static func isSmall(_ shape: [Int]) -> Bool { shape.reduce(1, *) < 10_000_000 }

    /// A file of PyTorch in which all tensors share one storage.
    private func file(_ tensors: [String: [Int]], _ form: Form = .plain) -> HandmadePyTorchFile {
        let tensors = tensors.filter { Self.isSmall($0.value) }
        let count = tensors.values.map { $0.reduce(1, *) }.max() ?? 0
        let storage = Handmade.storage(count: count)
        var items = tensors.sorted { $0.key < $1.key }.map { name, shape in
            let strides = shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
            return (Handmade.text(form.prefix + name), Handmade.tensor(shape, strides, storage: storage))
        }
        if form == .average { items.append((Handmade.text("n_averaged"), Handmade.tensor([], [], storage: storage))) }
        var pickle = Handmade.dictionary(items)
        if let wrapper = form.wrapper {
            pickle = Handmade.dictionary([
                (Handmade.text("epoch"), Handmade.integer(3)), (Handmade.text(wrapper), pickle),
                (Handmade.text("optimizer"), Handmade.dictionary([(Handmade.integer(0), Handmade.no)])),
            ])
        }
        return HandmadePyTorchFile(pickle: pickle, storages: [[Float](repeating: 0.5, count: count)])
    }

    private func dictionary(_ tensors: [String: [Int]], _ form: Form = .plain) throws -> StateDictionary {
        try StateDictionary(bytes: file(tensors, form).bytes, name: "f")
    }

    @Test("are recognised by their tensors' names and shapes", arguments: networks)
    func recognition(network name: String) throws {
        let weights = try PyTorchWeights(dictionary(try #require(published[name])))
        #expect(weights.network.name == name)
        for convolution in weights.network.graph().convolutions {
            for (tensor, shape) in convolution.tensors {
                #expect(weights.tensors.contains { $0.name == tensor && $0.shape == shape }, "\(tensor)")
            }
        }
    }

    @Test("are found in every wrapper that training programs save", arguments: Form.allCases)
    func wrappers(form: Form) throws {
        for name in ["mobilenet_v2", "vgg16"] {
            let weights = try PyTorchWeights(dictionary(try #require(published[name]), form))
            #expect(weights.network.name == name)
            #expect(try weights.tensor(named: weights.tensors[0].name).allSatisfy { $0 == 0.5 })
        }
    }

    @Test("that were named by the user say which tensor does not fit")
    func override() throws {
        let vgg16 = try dictionary(try #require(published["vgg16"]), .module)
        #expect(throws: ModelError.missingTensor(name: "module.features.16.weight", file: "f")) {
            try PyTorchWeights(vgg16, network: .vgg19)
        }
        let lite1 = try dictionary(try #require(published["efficientnet_lite1"]))
        let error = try #require(throws: ModelError.self) { try PyTorchWeights(lite1, network: .efficientNetLite0) }
        guard case .wrongShape = error else { throw error }
    }

    @Test("with a tensor missing, changed or added are refused, with its name")
    func differences() throws {
        var tensors = try #require(published["resnet50"])
        tensors["layer3.4.bn2.running_var"] = nil
        #expect(throws: ModelError.missingTensor(name: "layer3.4.bn2.running_var", file: "f")) {
            try PyTorchWeights(dictionary(tensors))
        }
        tensors["layer3.4.bn2.running_var"] = [255]
        #expect(
            throws: ModelError.wrongShape(
                tensor: "layer3.4.bn2.running_var", found: [255], expected: [256], file: "f")
        ) { try PyTorchWeights(dictionary(tensors)) }
        tensors["layer3.4.bn2.running_var"] = [256]
        // As a ResNet-101 has.
        tensors["layer3.6.conv1.weight"] = [256, 1024, 1, 1]
        #expect(
            throws: PyTorchFileError.foreignTensor(name: "layer3.6.conv1.weight", network: "resnet50", file: "f")
        ) { try PyTorchWeights(dictionary(tensors)) }
        tensors["conv1.weight"] = [64, 1, 7, 7]
        let error = try #require(throws: PyTorchFileError.self) { try PyTorchWeights(dictionary(tensors)) }
        #expect("\(error)".contains("resnet50") && "\(error)".contains("--network"))
    }

    /// A safetensors file in which all tensors of a type share their place.
    private func safetensors(_ tensors: [String: [Int]]) throws -> [UInt8] {
        var header: [String: Any] = [:]
        let largest = tensors.values.map { $0.reduce(1, *) }.max() ?? 0
        for (name, shape) in tensors {
            let isCount = name.hasSuffix("num_batches_tracked")
            let type = isCount ? "I64" : name.contains("features.1.") ? "F16" : "BF16"
            let bytes = (isCount ? 8 : 2) * shape.reduce(1, *)
            header["module." + name] = ["dtype": type, "shape": shape, "data_offsets": [0, bytes]] as [String: Any]
        }
        let json = try JSONSerialization.data(withJSONObject: header)
        // 0x3800 is 0.5 in half precision and 2^-15 in bfloat16.
        let data = [UInt8](repeating: 0, count: 2 * largest).indices.map { $0 % 2 == 0 ? UInt8(0) : 0x38 }
        return Handmade.littleEndian(UInt64(json.count)) + json + data
    }

    @Test("are imported from safetensors files of half precision")
    func halfPrecision() throws {
        let directory = try TemporaryDirectory()
        let input = try directory.write("model.safetensors", safetensors(try #require(published["mobilenet_v2"])))
        let output = directory.path("mine.safetensors")
        let summary = try ModelImporter.importModel(from: input, to: output)
        #expect(summary.network.name == "mobilenet_v2" && summary.name == "mine")
        let model = try SafetensorsFile(path: output)
        #expect(try model.tensor(named: "b1.depthwise.beta", shape: [32]).allSatisfy { $0 == 0.5 })
        #expect(try model.tensor(named: "stem.beta", shape: [32]).allSatisfy { $0 == 0x1p-15 })
        _ = try VisionModel(contentsOf: output)
    }
}
