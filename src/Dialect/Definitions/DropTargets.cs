using System.Globalization;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>The objects that are dropped with others.</summary>
internal static class DropTargets
{
    private const int ReportedMax = 100;

    /// <exception cref="DialectException">2BP01: others depend on the objects, and CASCADE was not said.</exception>
    public static List<DropTarget> Find(Definition definition, IReadOnlyList<ObjectAddress> objects, DropBehavior behavior)
    {
        var snapshot = (SchemaSnapshot)definition.Schema;
        var descriptions = new ObjectDescriptions(snapshot, definition.Names);
        var walk = new DependencyWalk(snapshot, descriptions, definition.Dropped);
        foreach (var address in objects)
        {
            walk.Visit(address);
        }

        Report(definition, walk.Targets, objects, descriptions, behavior == DropBehavior.Cascade);
        return walk.Targets;
    }

    /// <summary>Refuses to drop what others depend on, or tells what CASCADE takes along.</summary>
    private static void Report(
        Definition definition, List<DropTarget> targets, IReadOnlyList<ObjectAddress> objects, ObjectDescriptions descriptions, bool cascade)
    {
        var lines = new List<string>();
        var count = 0;
        for (var i = targets.Count - 1; i >= 0; i--)
        {
            var target = targets[i];
            if ((target.Reasons & (DropReason.Named | DropReason.Part)) != 0)
            {
                continue;
            }

            count++;
            if (count <= ReportedMax)
            {
                var described = descriptions.Describe(target.Object);
                lines.Add(cascade ? $"drop cascades to {described}" : $"{described} depends on {descriptions.Describe(target.Dependee)}");
            }
        }

        if (count == 0)
        {
            return;
        }

        if (count > ReportedMax)
        {
            var others = (count - ReportedMax).ToString(CultureInfo.InvariantCulture);
            lines.Add($"and {others} other object{(count == ReportedMax + 1 ? "" : "s")} (see server log for list)");
        }

        if (!cascade)
        {
            throw definition.Error(
                SqlState.DependentObjectsStillExist,
                objects.Count == 1 ? $"cannot drop {descriptions.Describe(objects[0])} because other objects depend on it"
                    : "cannot drop desired object(s) because other objects depend on them",
                detail: string.Join('\n', lines), hint: "Use DROP ... CASCADE to drop the dependent objects too.");
        }

        if (count == 1)
        {
            definition.Notify("00000", lines[0]);
        }
        else
        {
            definition.Notify("00000", string.Create(CultureInfo.InvariantCulture, $"drop cascades to {count} other objects"), string.Join('\n', lines));
        }
    }
}
