# $env:FHIR_BASE='http://localhost:8080/fhir'; $env:OWNER='Organization/yongan-county-hospital'; $env:API_KEY='...'; ./poll.ps1
$since = if ($env:SINCE) { $env:SINCE } else { '2026-01-01T00:00:00Z' }
$tag = '""'
while ($true) {
  $url = "$env:FHIR_BASE/Task?owner=$env:OWNER&_lastUpdated=gt$since&_sort=_lastUpdated&_count=100"
  while ($url) {
    $headers = @{ 'X-Api-Key' = "$env:API_KEY"; 'If-None-Match' = $tag }
    try { $answer = Invoke-WebRequest -Uri $url -Headers $headers -UseBasicParsing }
    catch { break } # 304: nothing new. Anything else passes: it is asked again.
    $text = if ($answer.Content -is [byte[]]) { [Text.Encoding]::UTF8.GetString($answer.Content) } else { $answer.Content }
    $tag = [string]$answer.Headers['ETag']
    foreach ($found in [regex]::Matches($text, '"resource":\{"resourceType":"Task","id":"(.+?)".+?"lastUpdated":"(.+?)".+?"status":"(.+?)"')) {
      "Task/$($found.Groups[1].Value) $($found.Groups[3].Value)"
      $since = $found.Groups[2].Value; $tag = '""' # ConvertFrom-Json would make another text of the time.
    }
    $url = [regex]::Match($text, '"relation":"next","url":"(.+?)"').Groups[1].Value
  }
  Start-Sleep -Seconds $(if ($env:INTERVAL) { [double]$env:INTERVAL } else { 60 })
}
