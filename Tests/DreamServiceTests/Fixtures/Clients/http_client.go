// Sends a photo with Go's net/http as a form in chunks, as the body itself, in JSON and as a job. usage: URL PHOTO
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
)

func must[Value any](value Value, err error) Value {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func dream(url string, contentType string, body io.Reader) []byte {
	answer := must(http.Post(url, contentType, body))
	defer answer.Body.Close()
	bytes := must(io.ReadAll(answer.Body))
	if answer.StatusCode != http.StatusOK {
		log.Fatal(string(bytes))
	}
	return bytes
}

func job(url string, photo []byte) []byte {
	answer := must(http.Post(url, "image/jpeg", bytes.NewReader(photo)))
	answer.Body.Close()
	if answer.StatusCode != http.StatusAccepted {
		log.Fatal(answer.Status)
	}
	address := must(answer.Location()).String()
	events := must(http.Get(address + "/events"))
	defer events.Body.Close()
	if !bytes.Contains(must(io.ReadAll(events.Body)), []byte("\nevent: done\n")) {
		log.Fatal("the job did not end well")
	}
	result := must(http.Get(address + "/result"))
	defer result.Body.Close()
	return must(io.ReadAll(result.Body))
}

func main() {
	url, photo := os.Args[1], must(os.ReadFile(os.Args[2]))
	query := url + "?steps=1&octaves=1&size=max:90"

	// A pipe has no length, so the form comes in chunks.
	reader, writer := io.Pipe()
	form := multipart.NewWriter(writer)
	go func() {
		must(must(form.CreateFormFile("image", "Kätzchen.jpg")).Write(photo))
		for name, value := range map[string]string{"steps": "1", "octaves": "1", "size": "max:90"} {
			form.WriteField(name, value)
		}
		form.Close()
		writer.Close()
	}()
	document := must(json.Marshal(map[string]any{
		"image":  base64.StdEncoding.EncodeToString(photo),
		"recipe": map[string]any{"steps": 1, "octaves": 1, "size": "max:90"},
	}))
	dreams := [][]byte{
		dream(url, form.FormDataContentType(), reader),
		dream(query, "image/jpeg", bytes.NewReader(photo)),
		dream(url, "application/json", bytes.NewReader(document)),
	}
	dreams = append(dreams, job(strings.Replace(query, "/deepdream", "/jobs", 1), photo))
	for _, other := range dreams {
		if !bytes.Equal(other, dreams[0]) {
			log.Fatal("another dream")
		}
	}
	fmt.Println(len(dreams), "dreams")
}
