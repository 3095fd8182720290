using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>regexp_matches and regexp_split_to_table.</summary>
internal static class RegularSets
{
    internal static void Register(FunctionRegistry registry)
    {
        registry.Set("regexp_matches(text,text)", f => new FunctionSet(f, (in call) => Matches(call, RegularFlags.Advanced, global: false)));
        registry.Set("regexp_matches(text,text,text)", f => new FunctionSet(f, (in call) =>
        {
            var flags = RegularExpression.ReadOptions(call.String(2), out var global);
            return Matches(call, flags, global);
        }));
        registry.Set("regexp_split_to_table(text,text)", f => new FunctionSet(f, (in call) => Split(call, RegularFlags.Advanced)));
        registry.Set("regexp_split_to_table(text,text,text)", f => new FunctionSet(f, (in call) =>
            Split(call, RegularMatches.OptionsWithoutGlobal(call.String(2), "regexp_split_to_table()"))));
    }

    private static RowList Matches(in FunctionCall call, RegularFlags flags, bool global)
    {
        var text = call.Bytes(0);
        var matches = new RegularMatches(RegularExpression.Get(call.Bytes(1), flags), text, 0, global);
        var rows = new List<StoredValue?[]>(matches.Count);
        for (var i = 0; i < matches.Count; i++)
        {
            var value = new StoredValue();
            matches.WriteGroups(text, i, value.BeginText());
            rows.Add([value]);
        }

        return new RowList(rows);
    }

    private static RowList Split(in FunctionCall call, RegularFlags flags)
    {
        var text = call.Bytes(0);
        var matches = new RegularMatches(RegularExpression.Get(call.Bytes(1), flags), text, 0, global: true, splits: true);
        var rows = new List<StoredValue?[]>(matches.Count + 1);
        for (var i = 0; i <= matches.Count; i++)
        {
            rows.Add([RowList.Text(text[matches.Piece(i, text.Length)])]);
        }

        return new RowList(rows);
    }
}
