using System.Text;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>
/// The columns whose names come nearest to one that does not exist, by PostgreSQL's rule: at most two, at an edit distance of at most three and
/// of at most half the name's length.
/// </summary>
internal sealed class ColumnGuess(string name)
{
    public const int DistanceMax = 3;

    private readonly int _length = Encoding.UTF8.GetByteCount(name);
    private int _distance = DistanceMax + 1;

    public string Name { get; } = name;

    public (string Table, string Column)? First { get; private set; }

    public (string Table, string Column)? Second { get; private set; }

    /// <param name="penalty">How far the table's name is from the one that was written.</param>
    public void Consider(string table, string column, int penalty)
    {
        if (penalty > _distance || column.Length == 0)
        {
            return;
        }

        var distance = EditDistance.Between(column, Name, _distance + 1 - penalty);
        if (distance > _length / 2)
        {
            return;
        }

        distance += penalty;
        if (distance < _distance)
        {
            _distance = distance;
            First = (table, column);
            Second = null;
        }
        else if (distance == _distance)
        {
            ConsiderEqual(table, column, distance);
        }
    }

    private void ConsiderEqual(string table, string column, int distance)
    {
        if (Second is not null)
        {
            // Three candidates of one distance say nothing, so only a nearer one counts from here on.
            First = null;
            Second = null;
            _distance = distance - 1;
        }
        else if (First is not null)
        {
            Second = (table, column);
        }
        else if (_distance <= DistanceMax)
        {
            First = (table, column);
        }
    }
}

/// <summary>Levenshtein's distance in characters.</summary>
internal static class EditDistance
{
    /// <summary>The distance, or one more than a bound if it lies beyond.</summary>
    public static int Between(string left, string right, int bound)
    {
        Rune[] source = [.. left.EnumerateRunes()];
        Rune[] target = [.. right.EnumerateRunes()];
        var row = new int[target.Length + 1];
        for (var i = 0; i <= target.Length; i++)
        {
            row[i] = i;
        }

        for (var i = 1; i <= source.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= target.Length; j++)
            {
                var substituted = diagonal + (source[i - 1] == target[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return Math.Min(row[^1], bound + 1);
    }
}
