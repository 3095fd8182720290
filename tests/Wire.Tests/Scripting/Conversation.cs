namespace Rqlite.Pg.Wire.Tests.Scripting;

/// <summary>Plays a transcript to a server.</summary>
internal static class Conversation
{
    public static async Task<List<IReadOnlyList<string>>> RunAsync(Transcript transcript, WireClient client, Func<string, string> change)
    {
        var answers = new List<IReadOnlyList<string>>();
        foreach (var block in transcript.Blocks)
        {
            var messages = new ClientMessages();
            foreach (var line in block.Sent)
            {
                messages.Line(change(line));
            }

            await client.SendAsync(messages.Bytes);
            var frames = block.Sent.Contains("X")
                ? await client.ReadUntilClosedAsync()
                : await client.ReadUntilReadyAsync(block.ReadyCount);
            answers.Add([.. frames.Select(f => f.ToString())]);
        }

        return answers;
    }

    public static byte[] AllBytes(Transcript transcript) => [.. transcript.Blocks.SelectMany(b => b.Bytes.ToArray())];
}
