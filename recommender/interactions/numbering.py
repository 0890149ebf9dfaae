"""Dense numbers for the ids of a log: users, who may leave theirs to others, items, and the attributes of items."""

from __future__ import annotations

from recommender.interactions.checks import ItemId, UserId


class Numbering:
    """Users and items by number and by id. An attribute has a number among the users and no id there.

    A number whose user was released is given to the next new user; items keep theirs.
    """

    def __init__(self) -> None:
        self.user_of: dict[UserId, int] = {}
        self.item_of: dict[ItemId, int] = {}
        self.attribute_of: dict[str, int] = {}
        self.users: list[UserId | None] = []
        self.items: list[ItemId] = []
        self._vacant: list[int] = []

    def copy(self) -> Numbering:
        """The same numbers, given on independently."""
        twin = Numbering()
        for name, value in vars(self).items():
            setattr(twin, name, value.copy())
        return twin

    def user(self, user_id: UserId) -> int:
        """The number of a user, a new one if need be."""
        number = self.user_of.get(user_id)
        if number is None:
            if self._vacant:
                number = self._vacant.pop()
                self.users[number] = user_id
            else:
                number = len(self.users)
                self.users.append(user_id)
            self.user_of[user_id] = number
        return number

    def attribute(self, name: str) -> int:
        """The number of an attribute, a new one if need be."""
        number = self.attribute_of.setdefault(name, len(self.users))
        if number == len(self.users):
            self.users.append(None)
        return number

    def item(self, item_id: ItemId) -> int:
        """The number of an item, a new one if need be."""
        number = self.item_of.setdefault(item_id, len(self.items))
        if number == len(self.items):
            self.items.append(item_id)
        return number

    def forget_newest(self, users: int, items: int, slots: int) -> None:
        """Take back the last so many numbers given to new users and items, when there were `slots` numbers of users
        before: numbers from there on are no more, the others wait for the next new user again.
        """
        for _ in range(users):
            _, number = self.user_of.popitem()
            if number >= slots:
                self.users.pop()
            else:
                self.users[number] = None
                self._vacant.append(number)
        for _ in range(items):
            self.item_of.popitem()
            self.items.pop()

    def release(self, user_id: UserId) -> None:
        """Forget a known user's id and give the number to the next new one."""
        number = self.user_of.pop(user_id)
        self.users[number] = None
        self._vacant.append(number)
