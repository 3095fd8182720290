using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Fuzz.Targets;

/// <summary>Results as they travel between nodes, whole and chunk by chunk.</summary>
internal sealed class RowsTarget : IFuzzTarget
{
    public string Name => "rows";

    public async ValueTask RunAsync(byte[] input)
    {
        try
        {
            await DrainAsync(new EncodedResults(input));
        }
        catch (InvalidDataException)
        {
            // Refused, as a broken connection would be.
        }
    }

    private static async Task DrainAsync(EncodedResults results)
    {
        while (await results.NextAsync(CancellationToken.None) is { } cursor)
        {
            await using (cursor)
            {
                while (await cursor.WaitToReadAsync(CancellationToken.None))
                {
                    while (cursor.TryRead())
                    {
                        Touch(cursor);
                    }
                }

                _ = cursor.Outcome;
            }
        }
    }

    private static void Touch(RowCursor cursor)
    {
        for (var i = 0; i < cursor.Schema.Columns.Count; i++)
        {
            _ = cursor[i].Bytes.Length;
        }
    }
}
