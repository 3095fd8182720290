namespace Rqlite.Pg.Histories;

/// <summary>An id that one client added at some time.</summary>
public sealed record AddedId(long Id, long Invoked, long Returned, Outcome Outcome)
{
    public override string ToString() => $"[{Invoked}..{(Outcome == Outcome.Ok ? Returned.ToString() : "?")}] add {Id} {Outcome}";
}

/// <summary>
/// Checks that whoever sees an id also sees every id whose addition had ended before that one's began, on whatever node and however old
/// the view is: effects become visible in the order in which they were acknowledged.
/// </summary>
public static class Comments
{
    public static Verdict Check(IEnumerable<AddedId> added, IEnumerable<IReadOnlyCollection<long>> views)
    {
        var byId = added.ToDictionary(a => a.Id);
        var ended = byId.Values.Where(a => a.Outcome == Outcome.Ok).OrderBy(a => a.Returned).ToArray();
        foreach (var view in views)
        {
            var seen = view.ToHashSet();
            AddedId? newest = null;
            foreach (var id in seen)
            {
                if (!byId.TryGetValue(id, out var addition) || addition.Outcome == Outcome.Failed)
                {
                    return Verdict.Violation($"{id} was seen, but {(addition is null ? "nobody added it" : $"refused: {addition}")}");
                }

                newest = newest is null || addition.Invoked > newest.Invoked ? addition : newest;
            }

            var missing = newest is null ? null : ended.TakeWhile(a => a.Returned < newest.Invoked).FirstOrDefault(a => !seen.Contains(a.Id));
            if (missing is not null)
            {
                return Verdict.Violation($"the later one was seen without the earlier one\n  {missing}\n  {newest}");
            }
        }

        return Verdict.Valid;
    }
}
