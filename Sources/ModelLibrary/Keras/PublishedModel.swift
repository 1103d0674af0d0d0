/// Weights that Keras publishes.
public struct PublishedModel: Sendable {
    /// Its name in the library.
    public let name: String
    public let url: String
    /// The file's MD5 in hexadecimal, from the Keras source.
    public let md5: String
    public let licence: String

    package init(name: String, url: String, md5: String, licence: String) {
        self.name = name
        self.url = url
        self.md5 = md5
        self.licence = licence
    }

    /// InceptionV3 trained on ImageNet, without its top: `keras/src/applications/inception_v3.py`.
    public static let inceptionV3 = PublishedModel(
        name: "inception_v3",
        url: "https://storage.googleapis.com/tensorflow/keras-applications/inception_v3/"
            + "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
        md5: "bcbd6486424b2319ff4ef7d526e38f63",
        licence: "Apache-2.0 (Keras Applications; trained on ImageNet)")

    /// Everything that ``ModelFetcher`` can fetch.
    public static let all = [inceptionV3]
}
