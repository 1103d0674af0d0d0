import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;

/** Sends a photo with Java's HttpClient as the body itself, in chunks, as a form, in JSON and as a job. usage: URL PHOTO */
public class HttpClientClient {
    // By default it asks for HTTP/2, which the server ignores.
    private static final HttpClient client = HttpClient.newHttpClient();

    private static byte[] dream(String url, String type, BodyPublisher body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(url)).header("Content-Type", type).POST(body).build();
        var answer = client.send(request, BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200) throw new RuntimeException(new String(answer.body(), "UTF-8"));
        return answer.body();
    }

    private static byte[] job(String url, Path photo) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(url)).header("Content-Type", "image/jpeg")
            .POST(BodyPublishers.ofFile(photo)).build();
        var answer = client.send(request, BodyHandlers.ofString());
        if (answer.statusCode() != 202) throw new RuntimeException(answer.body());
        var address = URI.create(url).resolve(answer.headers().firstValue("Location").get());
        var events = HttpRequest.newBuilder(URI.create(address + "/events")).build();
        var lines = client.send(events, BodyHandlers.ofLines()).body();
        if (lines.noneMatch("event: done"::equals)) throw new RuntimeException("the job did not end well");
        var result = HttpRequest.newBuilder(URI.create(address + "/result")).build();
        return client.send(result, BodyHandlers.ofByteArray()).body();
    }

    private static byte[] form(byte[] photo) throws Exception {
        var form = new ByteArrayOutputStream();
        form.write(("--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.jpg\"\r\n"
            + "Content-Type: image/jpeg\r\n\r\n").getBytes("UTF-8"));
        form.write(photo);
        form.write("\r\n--b--\r\n".getBytes("UTF-8"));
        return form.toByteArray();
    }

    public static void main(String[] arguments) throws Exception {
        var path = Path.of(arguments[1]);
        var photo = Files.readAllBytes(path);
        var query = arguments[0] + "?steps=1&octaves=1&size=max:90";
        var json = "{\"image\": \"" + Base64.getEncoder().encodeToString(photo)
            + "\", \"recipe\": {\"steps\": 1, \"octaves\": 1, \"size\": \"max:90\"}}";
        byte[][] dreams = {
            dream(query, "image/jpeg", BodyPublishers.ofFile(path)),
            dream(query, "image/jpeg", BodyPublishers.ofInputStream(() -> {
                try {
                    return new FileInputStream(path.toFile());
                } catch (java.io.IOException error) {
                    throw new UncheckedIOException(error);
                }
            })),
            dream(query, "multipart/form-data;boundary=\"b\"", BodyPublishers.ofByteArray(form(photo))),
            dream(arguments[0], "application/json", BodyPublishers.ofString(json)),
            job(query.replace("/deepdream", "/jobs"), path),
        };
        for (var dream : dreams) {
            if (!Arrays.equals(dream, dreams[0])) throw new RuntimeException("another dream");
        }
        System.out.println(dreams.length + " dreams");
    }
}
