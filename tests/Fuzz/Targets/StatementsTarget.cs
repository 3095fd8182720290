using System.Buffers;
using Rqlite.Pg.Http;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Fuzz.Targets;

/// <summary>The JSON body of a request, whole and in two pieces; both ways must agree.</summary>
internal sealed class StatementsTarget : IFuzzTarget
{
    public string Name => "statements";

    public ValueTask RunAsync(byte[] input)
    {
        var whole = Read(input, input.Length);
        var cut = input.Length == 0 ? 0 : input[0] * 37 % input.Length;
        var pieces = Read(input, cut);
        return (whole is null) == (pieces is null) && (whole is null || Same(whole, pieces!))
            ? default
            : throw new InvalidOperationException($"cut at {cut} it reads otherwise than whole");
    }

    private static bool Same(List<Statement> a, List<Statement> b) =>
        a.Count == b.Count && a.Zip(b).All(p => p.First.Sql.Span.SequenceEqual(p.Second.Sql.Span) && p.First.Parameters.Span.SequenceEqual(p.Second.Parameters.Span));

    private static List<Statement>? Read(byte[] input, int cut)
    {
        try
        {
            using var reader = new StatementReader(1000);
            if (cut < input.Length)
            {
                var first = new ReadOnlySequence<byte>(input, 0, cut);
                var taken = (int)first.Slice(0, reader.Read(first, isFinal: false)).Length;
                reader.Read(new ReadOnlySequence<byte>(input, taken, input.Length - taken), isFinal: true);
            }
            else
            {
                reader.Read(new ReadOnlySequence<byte>(input), isFinal: true);
            }

            return reader.Finish();
        }
        catch (RequestException)
        {
            return null;
        }
    }
}
