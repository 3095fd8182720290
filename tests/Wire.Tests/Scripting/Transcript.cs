namespace Rqlite.Pg.Wire.Tests.Scripting;

/// <summary>
/// A conversation as data. Lines behind <c>&gt;</c> are sent, lines behind <c>&lt;</c> are what PostgreSQL answered; a blank line ends a
/// block, which is sent as a whole and answered before the next is sent. Lines
/// behind <c>!</c> are our answer to the block where it differs on purpose.
/// </summary>
internal sealed class Transcript
{
    private Transcript(string path, List<Block> blocks)
    {
        Path = path;
        Blocks = blocks;
    }

    public string Path { get; }

    public IReadOnlyList<Block> Blocks { get; }

    public static string Folder { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "Transcripts");

    public static IEnumerable<string> Names =>
        Directory.EnumerateFiles(Folder, "*.pgwire").Select(p => System.IO.Path.GetFileNameWithoutExtension(p)!).Order(StringComparer.Ordinal);

    public static Transcript Load(string name)
    {
        var path = System.IO.Path.Combine(Folder, name + ".pgwire");
        var blocks = new List<Block>();
        var block = new Block();
        foreach (var line in File.ReadAllLines(path).Append(""))
        {
            if (line.StartsWith("> ", StringComparison.Ordinal))
            {
                block.Sent.Add(line[2..]);
            }
            else if (line.StartsWith("< ", StringComparison.Ordinal))
            {
                block.Answers.Add(line[2..]);
            }
            else if (line.StartsWith("! ", StringComparison.Ordinal))
            {
                block.Own.Add(line[2..]);
            }
            else if (line.StartsWith('#'))
            {
                block.Comments.Add(line);
            }
            else if (block.Sent.Count > 0)
            {
                blocks.Add(block);
                block = new Block();
            }
        }

        return new Transcript(path, blocks);
    }

    public string Text(IEnumerable<IReadOnlyList<string>> answers) => string.Join(
        "\n\n",
        Blocks.Zip(answers, (block, lines) => string.Join(
            "\n", block.Comments.Concat(block.Sent.Select(l => "> " + l)).Concat(lines.Select(l => "< " + l)).Concat(block.Own.Select(l => "! " + l))))) + "\n";

    internal sealed class Block
    {
        public List<string> Comments { get; } = [];

        public List<string> Sent { get; } = [];

        public List<string> Answers { get; } = [];

        /// <summary>What we answer instead, where that is meant to differ.</summary>
        public List<string> Own { get; } = [];

        /// <summary>How many ReadyForQuery end the block; a terminated connection ends it too.</summary>
        public int ReadyCount => Sent.Count(l => l[0] is 'Q' or 'S' or 'F' && (l.Length == 1 || l[1] == ' ') || l.StartsWith("Startup", StringComparison.Ordinal));

        public ReadOnlyMemory<byte> Bytes
        {
            get
            {
                var messages = new ClientMessages();
                foreach (var line in Sent)
                {
                    messages.Line(line);
                }

                return messages.Bytes;
            }
        }
    }
}
