// FHIR_BASE=http://localhost:8080/fhir OWNER=Organization/yongan-county-hospital API_KEY=... dotnet run (.NET 8)
using System.Globalization; using System.Text.Json;
string Env(string name, string otherwise = "") => Environment.GetEnvironmentVariable(name) ?? otherwise;
string since = Env("SINCE", "2026-01-01T00:00:00Z"), tag = "\"\""; var http = new HttpClient();
while (true) {
    var url = $"{Env("FHIR_BASE")}/Task?owner={Env("OWNER")}&_lastUpdated=gt{since}&_sort=_lastUpdated&_count=100";
    while (url != null) try {
        var asked = new HttpRequestMessage(HttpMethod.Get, url);
        foreach (var (name, value) in new[] { ("X-Api-Key", Env("API_KEY")), ("If-None-Match", tag) }) asked.Headers.TryAddWithoutValidation(name, value);
        using var answer = await http.SendAsync(asked);
        if ((int)answer.StatusCode != 200) break; // 304: nothing new. Anything else passes: it is asked again.
        using var page = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()); tag = answer.Headers.ETag?.ToString() ?? "\"\"";
        if (page.RootElement.TryGetProperty("entry", out var entries)) foreach (var task in entries.EnumerateArray().Select(entry => entry.GetProperty("resource"))) {
            Console.WriteLine($"Task/{task.GetProperty("id")} {task.GetProperty("status")}");
            since = task.GetProperty("meta").GetProperty("lastUpdated").GetString()!; tag = "\"\""; }
        url = page.RootElement.GetProperty("link").EnumerateArray().Where(link => link.GetProperty("relation").GetString() == "next").Select(link => link.GetProperty("url").GetString()).FirstOrDefault();
    } catch (Exception problem) when (problem is HttpRequestException or TaskCanceledException) { break; }
    await Task.Delay(TimeSpan.FromSeconds(double.Parse(Env("INTERVAL", "60"), CultureInfo.InvariantCulture)));
}
